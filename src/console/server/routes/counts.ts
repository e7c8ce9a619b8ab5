import { Hono } from "hono";
import type { Db } from "../../../lib/database/pool.ts";
import type { Joined } from "../context.ts";

/** The numbers beside the names of the views, and a mark that changes when something happened. */
export interface Counts {
  held: number;
  dead: number;
  /** Pictures that wait for a decision; at most 1,000 are counted. */
  pending: number;
  /** Rejected requests since midnight, UTC. */
  refusedToday: number;
  /** Whether a notification was ever recorded. */
  any: boolean;
  /** Differs from the last one if a view may show something else now. */
  mark: string;
}

/** What an open page asks every few seconds: partial indexes only, so that it costs the same whatever the history. */
export const counts = new Hono<Joined>().get("/counts", async (c) => c.json(await count(c.env.db)));

const statement = `
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
            limit 1000) p)::int as pending,
         (select coalesce(sum(count), 0) from refusals where hour >= date_trunc('day', now() at time zone 'utc') at time zone 'utc')::float8 as refused,
         (select max(id) from operator_acts) as act,
         (select string_agg(handler, ' ' order by handler) from paused_handlers) as paused,
         (select id from notifications order by received_at desc, id desc limit 1) as newest,
         (select max(settled_at) from deliveries where state in ('held', 'dead')) as failed
)
select held, dead, pending, refused as "refusedToday", newest is not null as any,
       concat_ws(' ', newest, due, running, held, dead, pending, refused, act, paused, failed) as mark
from counted`;

async function count(db: Db): Promise<Counts> {
  const { rows } = await db.query<Counts>(statement);
  const [row] = rows;
  if (!row) throw new Error("the database returned no row");
  return row;
}
