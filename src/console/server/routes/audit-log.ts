import { Hono } from "hono";
import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import { sql, type ToParam } from "../../../lib/database/sql.ts";
import { type Joined, valid } from "../context.ts";
import { containing, named, searched, span } from "../queries/list-filters.ts";

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
  /** The product environment of its notification; null if unknown. */
  cloud: string | null;
  /** The picture of the action, by its last recorded name. */
  publicId: string | null;
  /** The effect on the picture: `publish` or `delete`. */
  followed: string | null;
}

/** The filters of the audit log. */
export const actFilters = {
  /** A part of the picture's public ID or of the reason. */
  q: searched,
  actor: named,
  act: named,
  cloud: named,
  ...span,
};

const query = z.object({
  ...actFilters,
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const acts = new Hono<Joined>()
  .get("/acts", valid("query", query), async (c) =>
    c.json({ acts: await newestActs(c.env.db, c.req.valid("query")) }),
  )
  .get("/acts/names", async (c) => c.json(await namesOf(c.env.db)));

const select = `
select a.id::float8 as id, a.at, a.who, a.act, a.notification_id as "notificationId", a.delivery_id as "deliveryId", a.handler, a.reason, a.detail,
  coalesce(n.public_id, named.public_id) as "publicId", coalesce(n.cloud, named.cloud) as cloud, coalesce(v.result ->> 'action', ledger.action) as followed
from operator_acts a
left join notifications n on n.id = a.notification_id
left join deliveries v on v.id = a.delivery_id and a.act in ('release', 'replay') and a.handler = 'moderation'
left join lateral (
  select public_id, cloud from notifications n where n.asset_id = a.detail ->> 'assetId' and n.public_id is not null
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

type Wanted = z.output<z.ZodObject<typeof actFilters>> & { before?: number | undefined; limit: number };

export async function newestActs(db: Db, wanted: Wanted): Promise<Act[]> {
  const { text, params } = sql(
    (param) =>
      `${select} where ${conditions(wanted, param).join(" and ")} order by a.id desc limit ${param(wanted.limit)}::int`,
  );
  return (await db.query<Act>(text, params)).rows;
}

function conditions({ q = "", actor, act, cloud, since, until, before }: Wanted, param: ToParam): string[] {
  const all = ["true"];
  if (before !== undefined) all.push(`a.id < ${param(before)}::bigint`);
  if (actor !== undefined) all.push(`a.who = ${param(actor)}`);
  if (act !== undefined) all.push(`a.act = ${param(act)}`);
  if (cloud !== undefined) all.push(`coalesce(n.cloud, named.cloud) = ${param(cloud)}`);
  if (since !== undefined) all.push(`a.at >= ${param(since)}::timestamptz`);
  if (until !== undefined) all.push(`a.at < ${param(until)}::timestamptz`);
  if (q !== "") {
    const pattern = param(containing(q));
    const texts = ["a.reason", "n.public_id", "named.public_id", "a.detail ->> 'publicId'"];
    all.push(`(${texts.map((text) => `${text} ilike ${pattern}`).join(" or ")})`);
  }
  return all;
}

/** Who acted, and which acts there are: each by a step through an index, whatever the length of the log. */
async function namesOf(db: Db): Promise<{ actors: string[]; acts: string[] }> {
  const distinct = (column: "who" | "act") => `
    with recursive t as (
      (select ${column} as name from operator_acts order by ${column} limit 1)
      union all
      select (select a.${column} from operator_acts a where a.${column} > t.name order by a.${column} limit 1) from t where t.name is not null)
    select array(select name from t where name is not null limit 200)`;
  const { rows } = await db.query<{ actors: string[]; acts: string[] }>(
    `select (${distinct("who")}) as actors, (${distinct("act")}) as acts`,
  );
  return rows[0] ?? { actors: [], acts: [] };
}

/** The operator actions on a notification, oldest first. */
export async function actsOn(db: Db, notificationId: string): Promise<Act[]> {
  const { rows } = await db.query<Act>(`${select} where a.notification_id = $1::uuid order by a.id`, [
    notificationId,
  ]);
  return rows;
}
