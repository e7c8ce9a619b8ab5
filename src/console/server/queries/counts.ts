import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import { sql } from "../../../lib/database/sql.ts";
import { conditionsOf, type Filters, filters } from "./filters.ts";

export const countsQuery = z.object({
  ...filters,
  /** The number of bars. */
  bars: z.coerce.number().int().min(1).max(200).default(96),
});

export interface Bar {
  /** When the bar starts. */
  at: Date;
  count: number;
  /** Notifications with a delivery that failed permanently, or that is on hold. */
  failed: number;
  held: number;
}

export interface Histogram {
  since: Date;
  until: Date;
  bars: Bar[];
  count: number;
  failed: number;
  held: number;
  /** false: only the newest `maxCounted` notifications of the range were counted. */
  complete: boolean;
}

const dayMs = 24 * 60 * 60_000;
/** Limits the time of a range that covers the whole history. */
export const maxCounted = 50_000;

/** The notifications of the filter over its time range, without one over the last 24 hours. */
export async function histogram(
  db: Db,
  { bars, ...wanted }: z.output<typeof countsQuery>,
): Promise<Histogram> {
  const until = wanted.until === undefined ? new Date() : new Date(wanted.until);
  const since = wanted.since === undefined ? new Date(until.getTime() - dayMs) : new Date(wanted.since);
  const range = { since: since.toISOString(), until: until.toISOString() };
  const counted = await count(db, { ...wanted, ...range }, bars);
  const widthMs = Math.max(1, (until.getTime() - since.getTime()) / bars);
  const byBar = new Map(counted.map((row) => [row.bar, row]));
  const shown = Array.from({ length: bars }, (_, bar) => {
    const { count = 0, failed = 0, held = 0 } = byBar.get(bar) ?? {};
    return { at: new Date(since.getTime() + bar * widthMs), count, failed, held };
  });
  const sum = (key: "count" | "failed" | "held") => shown.reduce((total, bar) => total + bar[key], 0);
  const total = sum("count");
  return {
    since,
    until,
    bars: shown,
    count: total,
    failed: sum("failed"),
    held: sum("held"),
    complete: total < maxCounted,
  };
}

interface Counted {
  bar: number;
  count: number;
  failed: number;
  held: number;
}

// A few deliveries are held or failed, so they are read by their index and not for each notification.
async function count(
  db: Db,
  wanted: Filters & { since: string; until: string },
  bars: number,
): Promise<Counted[]> {
  const { text, params } = sql((param) => {
    const [from, to] = [`${param(wanted.since)}::timestamptz`, `${param(wanted.until)}::timestamptz`];
    return `
with counted as materialized (
  select n.id, n.received_at from notifications n
  where ${conditionsOf(wanted, param).join(" and ")}
  order by n.received_at desc, n.id desc limit ${maxCounted}
), open as materialized (
  select d.notification_id, bool_or(d.state = 'dead') as failed, bool_or(d.state = 'held') as held
  from deliveries d where d.state in ('held', 'dead') and d.settled_at >= ${from} group by 1
)
select least(${param(bars)}::int - 1, floor(extract(epoch from c.received_at - ${from}) * ${param(bars)}::int
         / greatest(0.001, extract(epoch from ${to} - ${from}))))::int as bar,
       count(*)::int as count, count(*) filter (where o.failed)::int as failed,
       count(*) filter (where o.held and not o.failed)::int as held
from counted c left join open o on o.notification_id = c.id group by 1`;
  });
  return (await db.query<Counted>(text, params)).rows;
}
