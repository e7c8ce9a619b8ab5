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
  .get("/acts", valid("query", query), async (c) => c.json(await newestActs(c.env.db, c.req.valid("query"))))
  .get("/acts/names", async (c) => c.json(await namesOf(c.env.db)));

const columns = `
select a.id::float8 as id, a.at, a.who, a.act, a.notification_id as "notificationId", a.delivery_id as "deliveryId", a.handler, a.reason, a.detail,
  coalesce(n.public_id, named.public_id) as "publicId", coalesce(n.cloud, named.cloud) as cloud, coalesce(v.result ->> 'action', ledger.action) as followed`;

const joins = `
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

export interface ActsPage {
  acts: Act[];
  /** The cursor of the next page; null on the last one. A search for a text can go on although the page is not full. */
  next: number | null;
}

/** Actions that are looked at for a text or an environment: the names of the picture are in other tables. */
const maxLooked = 1_000;

export async function newestActs(db: Db, wanted: Wanted): Promise<ActsPage> {
  const { limit } = wanted;
  const isOfPicture = (wanted.q ?? "") !== "" || wanted.cloud !== undefined;
  const most = isOfPicture ? Math.max(limit + 1, maxLooked) : limit + 1;
  const { text, params } = sql((param) => {
    const picture = pictureConditions(wanted, param).join(" and ");
    return `
with looked as materialized (
  select * from operator_acts a where ${conditions(wanted, param).join(" and ")} order by a.id desc limit ${param(most)}::int
)
${columns}, l.count, l.last
from (select count(*)::int as count, min(id)::float8 as last from looked) l
left join looked a on ${isOfPicture ? `a.id in (select a.id from looked a ${joins} where ${picture})` : "true"}
${joins} order by a.id desc limit ${param(limit + 1)}::int`;
  });
  const { rows } = await db.query<Act & { count: number; last: number | null }>(text, params);
  const found = rows.flatMap(({ count: _, last: __, ...act }) => (act.id === null ? [] : act));
  const acts = found.slice(0, limit);
  const looked = rows[0];
  const goesOn = looked?.count === most ? looked.last : null;
  return { acts, next: found.length > limit ? (acts.at(-1)?.id ?? null) : goesOn };
}

function conditions({ actor, act, since, until, before }: Wanted, param: ToParam): string[] {
  const all = ["true"];
  if (before !== undefined) all.push(`a.id < ${param(before)}::bigint`);
  if (actor !== undefined) all.push(`a.who = ${param(actor)}`);
  if (act !== undefined) all.push(`a.act = ${param(act)}`);
  if (since !== undefined) all.push(`a.at >= ${param(since)}::timestamptz`);
  // The ids lead to the place in the list. Actions of the same moment can have them in another order than their times.
  if (until !== undefined)
    all.push(
      `a.at < ${param(until)}::timestamptz`,
      `a.id <= (select coalesce(max(id), 0) + 100 from (
        select id from operator_acts where at < ${param(until)}::timestamptz order by at desc limit 1) last)`,
    );
  return all;
}

/** Conditions on the picture, which is in other tables. */
function pictureConditions({ q = "", cloud }: Wanted, param: ToParam): string[] {
  const all: string[] = [];
  if (q !== "") {
    const pattern = param(containing(q));
    const texts = ["a.reason", "n.public_id", "named.public_id", "a.detail ->> 'publicId'"];
    all.push(`(${texts.map((text) => `${text} ilike ${pattern}`).join(" or ")})`);
  }
  if (cloud !== undefined) all.push(`coalesce(n.cloud, named.cloud) = ${param(cloud)}`);
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
  const { rows } = await db.query<Act>(
    `${columns} from operator_acts a ${joins} where a.notification_id = $1::uuid order by a.id`,
    [notificationId],
  );
  return rows;
}
