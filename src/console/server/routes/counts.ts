import { Hono } from "hono";
import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import { type Joined, valid } from "../context.ts";
import { environments } from "../queries/environments.ts";
import { named } from "../queries/list-filters.ts";

/** The numbers beside the names of the views, and a mark that changes when something happened. */
export interface Counts {
  held: number;
  dead: number;
  /** Pictures that wait for a decision; at most 1,000 are counted. */
  pending: number;
  /** Rejected requests since midnight, UTC. */
  refusedToday: number;
  /** The product environments, if there are several: those of the configuration, and those of recorded notifications. */
  clouds: string[];
  /** Whether a notification was ever recorded. */
  any: boolean;
  /** Differs from the last one if a view may show something else now. */
  mark: string;
}

/** What an open page asks every few seconds: partial indexes only, so that it costs the same whatever the history. */
export const counts = new Hono<Joined>().get(
  "/counts",
  valid("query", z.object({ cloud: named })),
  async (c) => {
    const [counted, clouds] = await Promise.all([
      count(c.env.db, c.req.valid("query").cloud ?? null),
      environments(c.env),
    ]);
    return c.json({ ...counted, clouds: clouds.length > 1 ? clouds : [] });
  },
);

/** With a cloud, the numbers are those of its notifications; the mark is always that of all. */
const statement = (ofCloud: boolean) => `
with counted as (
  select (select count(*) from deliveries where state = 'due')::int as due,
         (select count(*) from deliveries where state = 'running')::int as running,
         (select count(*) from deliveries where state = 'held')::int as held,
         (select count(*) from deliveries where state = 'dead')::int as dead,
         (select count(*) from (
            select from moderation_decision d where d.status = 'pending' and not d.answered
              and not exists (
                select from moderation_decision later
                where later.asset_id = d.asset_id and later.version = d.version and later.kind = d.kind and later.status <> 'pending'
                  and later.taken_back_at is null and later.unconfirmed_at is null and later.decided_at >= date_trunc('second', d.decided_at))
            ${ofCloud ? `and exists (select from notifications n where n.asset_id = d.asset_id and n.version = d.version and n.cloud = $1)` : ""}
            limit 1000) p)::int as pending,
         (select coalesce(sum(count), 0) from refusals where hour >= date_trunc('day', now() at time zone 'utc') at time zone 'utc')::float8 as refused,
         (select max(id) from operator_acts) as act,
         (select string_agg(handler, ' ' order by handler) from paused_handlers) as paused,
         (select id from notifications order by received_at desc, id desc limit 1) as newest,
         (select max(settled_at) from deliveries where state in ('held', 'dead')) as failed
)
select ${ofCloud ? openOfCloud("held") : "held"} as held, ${ofCloud ? openOfCloud("dead") : "dead"} as dead, pending, refused as "refusedToday", newest is not null as any,
       concat_ws(' ', newest, due, running, held, dead, pending, refused, act, paused, failed) as mark
from counted`;

/** The latest ones only, so that it costs the same however many there are. */
const openOfCloud = (state: "held" | "dead") => `
  (select count(*)::int from (
     select notification_id from deliveries where state = '${state}' order by settled_at desc limit 10000) d
   join notifications n on n.id = d.notification_id where n.cloud = $1)`;

async function count(db: Db, cloud: string | null): Promise<Omit<Counts, "clouds">> {
  const { rows } = await db.query<Omit<Counts, "clouds">>(
    statement(cloud !== null),
    cloud === null ? [] : [cloud],
  );
  const [row] = rows;
  if (!row) throw new Error("the database returned no row");
  return row;
}
