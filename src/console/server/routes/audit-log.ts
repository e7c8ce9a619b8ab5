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
  /** The picture of the action, by its last recorded name. */
  publicId: string | null;
  /** The effect on the picture: `publish` or `delete`. */
  followed: string | null;
}

const query = z.object({
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const acts = new Hono<Joined>().get("/acts", valid("query", query), async (c) =>
  c.json({ acts: await newestActs(c.env.db, c.req.valid("query")) }),
);

const select = `
select a.id::float8 as id, a.at, a.who, a.act, a.notification_id as "notificationId", a.delivery_id as "deliveryId", a.handler, a.reason, a.detail,
  coalesce(n.public_id, named.public_id) as "publicId", coalesce(v.result ->> 'action', ledger.action) as followed
from operator_acts a
left join notifications n on n.id = a.notification_id
left join deliveries v on v.id = a.delivery_id and a.act in ('release', 'replay') and a.handler = 'moderation'
left join lateral (
  select public_id from notifications n where n.asset_id = a.detail ->> 'assetId' and n.public_id is not null
  order by n.received_at desc limit 1) named on true
left join lateral (
  select d.action from moderation_decision d
  where d.asset_id = a.detail ->> 'assetId' and d.version::text = a.detail ->> 'version' and d.status = a.detail ->> 'status'
    and d.carried_out_at is not null
    -- What was held first followed from the word of whoever let it go on.
    and not exists (
      select from deliveries held join operator_acts o on o.notification_id = held.notification_id
      where held.id = d.delivery_id and o.delivery_id = held.id and o.act = 'release')
  limit 1) ledger on true`;

export async function newestActs(db: Db, { before, limit }: z.output<typeof query>): Promise<Act[]> {
  const { rows } = await db.query<Act>(
    `${select} where $1::bigint is null or a.id < $1::bigint order by a.id desc limit $2::int`,
    [before ?? null, limit],
  );
  return rows;
}

/** The operator actions on a notification, oldest first. */
export async function actsOn(db: Db, notificationId: string): Promise<Act[]> {
  const { rows } = await db.query<Act>(`${select} where a.notification_id = $1::uuid order by a.id`, [
    notificationId,
  ]);
  return rows;
}
