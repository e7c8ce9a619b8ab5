import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import { sql } from "../../../lib/database/sql.ts";
import { filters } from "./filters.ts";
import { compile, type Search } from "./search/compile.ts";
import { keysOf, matchingOf } from "./search/find-all.ts";
import { resolved } from "./search/resolve.ts";

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
  const now = new Date();
  const { since: from, until: to } = compile(wanted, now);
  const until = to === undefined ? now : new Date(to);
  const since = from === undefined ? new Date(until.getTime() - dayMs) : new Date(from);
  const range = { since: since.toISOString(), until: until.toISOString() };
  const search = await resolved(db, compile({ ...wanted, ...range }, until));
  const { counted, looked } = await count(db, { ...search, ...range }, bars);
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
    complete: looked < maxCounted,
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
  search: Search & { since: string; until: string },
  bars: number,
): Promise<{ counted: Counted[]; looked: number }> {
  const keys = await keysOf(db, search);
  const { text, params } = sql((param) => {
    const [from, to] = [`${param(search.since)}::timestamptz`, `${param(search.until)}::timestamptz`];
    return `
with ${matchingOf(search, param, keys, maxCounted)}, open as materialized (
  select d.notification_id, bool_or(d.state = 'dead') as failed, bool_or(d.state = 'held') as held
  from deliveries d where d.state in ('held', 'dead') and d.settled_at >= ${from} group by 1
), bars as (
  select least(${param(bars)}::int - 1, floor(extract(epoch from m.received_at - ${from}) * ${param(bars)}::int
           / greatest(0.001, extract(epoch from ${to} - ${from}))))::int as bar,
         count(*)::int as count, count(*) filter (where o.failed)::int as failed,
         count(*) filter (where o.held and not o.failed)::int as held
  from matching m left join open o on o.notification_id = m.id group by 1
)
select (select count(*)::int from looked) as looked, (select coalesce(jsonb_agg(to_jsonb(bars)), '[]') from bars) as counted`;
  });
  const { rows } = await db.query<{ counted: Counted[]; looked: number }>(text, params);
  return rows[0] ?? { counted: [], looked: 0 };
}
