import { Hono } from "hono";
import * as z from "zod";
import { markAnswered } from "../../../handlers/moderation/mark-answered.ts";
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
      count(c.env, c.req.valid("query").cloud ?? null),
      environments(c.env),
    ]);
    return c.json({ ...counted, clouds: clouds.length > 1 ? clouds : [] });
  },
);

/** Only changes of their number matter, and a backlog has others. */
const maxDue = 10_000;
const maxPending = 1_000;
/** Pictures that are looked at for it: most of them may be decided by now. */
const maxLooked = 2_000;
/** Decided ones that each call looks at. */
const maxAnswered = 100;

/** With a cloud, the numbers are those of its notifications; the mark is always that of all. */
const statement = (ofCloud: boolean) => `
with counted as (
  select (select count(*) from (select from deliveries where state = 'due' limit ${maxDue}) d)::int as due,
         (select count(*) from deliveries where state = 'running')::int as running,
         (select count(*) from deliveries where state = 'held')::int as held,
         (select count(*) from deliveries where state = 'dead')::int as dead,
         pending.n as pending, pending.answered > ${maxAnswered} as "isStale",
         (select coalesce(sum(count), 0) from refusals where hour >= date_trunc('day', now() at time zone 'utc') at time zone 'utc')::float8 as refused,
         (select max(id) from operator_acts) as act,
         (select string_agg(handler, ' ' order by handler) from paused_handlers) as paused,
         (select id from notifications order by received_at desc, id desc limit 1) as newest,
         (select max(settled_at) from deliveries where state in ('held', 'dead')) as failed
  from (
    select count(*) filter (where is_answered) as answered, least(${maxPending}, count(*) filter (where not is_answered))::int as n
    from (
      select exists (
        select from moderation_decision later
        where later.asset_id = d.asset_id and later.version = d.version and later.kind = d.kind and later.status <> 'pending'
          and later.taken_back_at is null and later.unconfirmed_at is null and later.decided_at >= date_trunc('second', d.decided_at)
        offset 0) as is_answered
      from (
        select asset_id, version, kind, decided_at from moderation_decision
        where status = 'pending' and not answered order by noted_at desc limit ${maxLooked}) d
      ${ofCloud ? "where exists (select from notifications n where n.asset_id = d.asset_id and n.version = d.version and n.cloud = $1)" : ""}) looked) pending
)
select ${ofCloud ? openOfCloud("held") : "held"} as held, ${ofCloud ? openOfCloud("dead") : "dead"} as dead, pending, refused as "refusedToday", newest is not null as any,
       concat_ws(' ', newest, due, running, held, dead, pending, refused, act, paused, failed) as mark,
       "isStale"
from counted`;

/** The latest ones only, so that it costs the same however many there are. */
const openOfCloud = (state: "held" | "dead") => `
  (select count(*)::int from (
     select notification_id from deliveries where state = '${state}' order by settled_at desc limit 10000) d
   join notifications n on n.id = d.notification_id where n.cloud = $1)`;

type Counted = Omit<Counts, "clouds">;

async function count({ db, config }: Joined["Bindings"], cloud: string | null): Promise<Counted> {
  const { isStale, ...counted } = await read(db, cloud);
  if (!isStale) return counted;
  // Once for many: what is marked is not looked at again, so that older ones are counted.
  await markAnswered(db, config.cloudinary?.cloudName ?? null, 1);
  const { isStale: _, ...again } = await read(db, cloud);
  return again;
}

async function read(db: Db, cloud: string | null): Promise<Counted & { isStale: boolean }> {
  const { rows } = await db.query<Counted & { isStale: boolean }>(
    statement(cloud !== null),
    cloud === null ? [] : [cloud],
  );
  const [row] = rows;
  if (!row) throw new Error("the database returned no row");
  return row;
}
