import { picturesRemovedLately, stalePictures } from "../../handlers/pim/asset-standing.ts";
import type { Db } from "../../lib/database/pool.ts";

/** The currently open deliveries. */
export interface Standing {
  /** The database's clock, in ms. */
  now: number;
  due: number;
  /** The earliest due time of deliveries that are already due. */
  overdue: number;
  running: number;
  held: number;
  dead: number;
  /** Of active handlers only. */
  oldestDueAt: Date | null;
  /** The number of pictures that delete notifications removed from products within the last hour. */
  picturesRemoved: number;
  /** The number of pictures on products whose signed URL contains an earlier public id. */
  stalePictures: number;
}

const standingStatement = `
select extract(epoch from now())::float8 * 1000 as now,
  (select count(*) from deliveries where state = 'due')::int as due,
  (select count(*) from deliveries where state = 'due' and due_at <= now())::int as overdue,
  (select count(*) from deliveries where state = 'running')::int as running,
  (select count(*) from deliveries where state = 'held')::int as held,
  (select count(*) from deliveries where state = 'dead')::int as dead,
  (select min(due_at) from earliest_due where handler not in (select handler from paused_handlers)) as "oldestDueAt"`;

export async function standing(db: Db): Promise<Standing> {
  const { rows } = await db.query<Omit<Standing, "picturesRemoved" | "stalePictures">>(standingStatement);
  const [row] = rows;
  if (!row) throw new Error("the database returned no row");
  const [picturesRemoved, stale] = await Promise.all([picturesRemovedLately(db), stalePictures(db)]);
  return { ...row, picturesRemoved, stalePictures: stale };
}

/** The activity of the last day. */
export interface Activity {
  types: { type: string; lastAt: Date }[];
  secrets: { name: string; count: number; lastAt: Date }[];
  heartbeats: { name: string; at: Date }[];
  /** 24 hours, oldest first. `failed`: attempts with the outcome retry, dead or lost. */
  hours: { hour: Date; notifications: number; reconciled: number; settled: number; failed: number }[];
}

export async function activity(db: Db): Promise<Activity> {
  const [newest, secrets, hours] = await Promise.all([
    latest(db),
    db.query<Activity["secrets"][number]>(secretsStatement),
    db.query<Activity["hours"][number]>(hoursStatement),
  ]);
  return { ...newest, secrets: secrets.rows, hours: hours.rows };
}

/** The part that reads only a few rows, however many notifications the day had. */
export async function latest(db: Db): Promise<Pick<Activity, "types" | "heartbeats">> {
  const [types, heartbeats] = await Promise.all([
    db.query<Activity["types"][number]>(typesStatement),
    db.query<Activity["heartbeats"][number]>("select name, at from heartbeats order by name"),
  ]);
  return { types: types.rows, heartbeats: heartbeats.rows };
}

// Skips from type to type in the index instead of reading all notifications.
const typesStatement = `
with recursive newest as (
  (select type, received_at from notifications order by type, received_at desc limit 1)
  union all
  select next.type, next.received_at from newest cross join lateral (
    select type, received_at from notifications where type > newest.type order by type, received_at desc limit 1) next
)
select type, received_at as "lastAt" from newest order by received_at desc`;

const secretsStatement = `
select secret_name as name, count(*)::int as count, max(received_at) as "lastAt"
from notifications where received_at > now() - interval '24 hours' and secret_name is not null group by 1 order by 1`;

// The bound is written out: the planner does not see the value of a subquery, and expects a third of the table.
const hoursStatement = `
with hours as (
  select hour from generate_series(date_trunc('hour', now()) - interval '23 hours', date_trunc('hour', now()), interval '1 hour') as hour
), came as (
  select date_trunc('hour', received_at) as hour, count(*)::int as notifications,
         count(*) filter (where source = 'reconcile')::int as reconciled
  from notifications where received_at >= date_trunc('hour', now()) - interval '23 hours' group by 1
), tried as (
  select date_trunc('hour', started_at) as hour,
         count(*) filter (where outcome in ('done', 'skipped', 'held'))::int as settled,
         count(*) filter (where outcome in ('retry', 'dead', 'lost'))::int as failed
  from attempts where started_at >= date_trunc('hour', now()) - interval '23 hours' group by 1
)
select h.hour, coalesce(c.notifications, 0) as notifications, coalesce(c.reconciled, 0) as reconciled,
       coalesce(t.settled, 0) as settled, coalesce(t.failed, 0) as failed
from hours h left join came c using (hour) left join tried t using (hour) order by h.hour`;
