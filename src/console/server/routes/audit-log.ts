import { Hono } from "hono";
import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import { type Joined, valid } from "../context.ts";

export interface Act {
  id: number;
  at: Date;
  who: string;
  act: string;
  notificationId: string | null;
  deliveryId: string | null;
  handler: string | null;
  reason: string | null;
  detail: unknown;
}

const query = z.object({
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const acts = new Hono<Joined>().get("/acts", valid("query", query), async (c) =>
  c.json({ acts: await newestActs(c.env.db, c.req.valid("query")) }),
);

const columns = `id::float8 as id, at, who, act, notification_id as "notificationId", delivery_id as "deliveryId", handler, reason, detail`;

async function newestActs(db: Db, { before, limit }: z.output<typeof query>): Promise<Act[]> {
  const { rows } = await db.query<Act>(
    `select ${columns} from operator_acts where $1::bigint is null or id < $1::bigint order by id desc limit $2::int`,
    [before ?? null, limit],
  );
  return rows;
}

/** What operators did with a notification, oldest first. */
export async function actsOn(db: Db, notificationId: string): Promise<Act[]> {
  const { rows } = await db.query<Act>(
    `select ${columns} from operator_acts where notification_id = $1::uuid order by id`,
    [notificationId],
  );
  return rows;
}
