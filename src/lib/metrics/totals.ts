import type { Db } from "../database/pool.ts";
import { notificationTypes } from "../notifications/types.ts";
import { errorText, log } from "../shared/log.ts";

/** Upper bounds of the attempts' durations, in seconds; the last bucket has none. */
export const durationBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** A statement is still writing rows of the last seconds; attempts end within their lease. Later rows are left for the next run. */
const lag = { received: "1 minute", attempts: "5 minutes" };

// Each counter as a query of (name, labels, value) over a period from $since to $upto. Types that Cloudinary does not document are counted
// together, so that a body cannot create labels.
const received = (since: string, upto: string) => `
select 'received' as name, jsonb_build_object('type', case when type = any ($1::text[]) then type else 'other' end, 'source', source) as labels,
       count(*)::float8 as value
from notifications where received_at > ${since} and received_at <= ${upto} group by 2`;

const attempts = (since: string, upto: string, outcome: string) => `
with ended as (
  select d.handler, ${outcome} as outcome, extract(epoch from a.ended_at - a.started_at)::float8 as seconds
  from attempts a join deliveries d on d.id = a.delivery_id
  where a.started_at > ${since} and a.started_at <= ${upto} and ${outcome} is not null
)
select 'attempts' as name, jsonb_build_object('handler', handler, 'outcome', outcome) as labels, count(*)::float8 as value from ended group by 2
union all
select 'attempt_bucket', jsonb_build_object('handler', handler, 'bucket', width_bucket(seconds, array[${durationBounds.join(",")}]::float8[])), count(*)::float8
from ended where seconds is not null group by 2
union all
select 'attempt_seconds', jsonb_build_object('handler', handler), sum(seconds) from ended where seconds is not null group by 2`;

const refused = (since: string, upto: string) => `
select 'refused' as name, jsonb_build_object('reason', reason) as labels, sum(count)::float8 as value
from refusals where hour > ${since} and hour <= ${upto} group by 2`;

/** Two sweeps at once wait for the mark's row, and the second one counts from the new mark. */
const addition = (name: string, upto: string, counted: (since: string, upto: string) => string) => `
with mark as (
  select upto from metric_marks where name = '${name}' for update
), moved as (
  update metric_marks m set upto = ${upto} from mark where m.name = '${name}' and mark.upto < ${upto}
  returning mark.upto as since, m.upto
)
insert into metric_totals as t (name, labels, value)
select name, labels, value from (${counted("(select since from moved)", "(select upto from moved)")}) counted
on conflict (name, labels) do update set value = t.value + excluded.value`;

/**
 * Adds what happened since the last call to the totals. Costs as much as that, not as the tables are large. Never throws: nothing that
 * is delivered depends on it.
 */
export async function addUpMetrics(db: Db): Promise<void> {
  try {
    await addUp(db);
  } catch (error) {
    log("warn", "metrics not added up", { error: errorText(error) });
  }
}

async function addUp(db: Db): Promise<void> {
  await db.query(addition("received", `now() - interval '${lag.received}'`, received), [notificationTypes]);
  // An attempt without an end was lost with its worker.
  const withLost = (since: string, upto: string) => attempts(since, upto, "coalesce(a.outcome, 'lost')");
  await db.query(addition("attempts", `now() - interval '${lag.attempts}'`, withLost));
  // A bucket is written up to the end of its hour, and by instances that add up for 10 s.
  await db.query(addition("refused", "date_trunc('hour', now()) - interval '1 hour'", refused));
}

/** By name. */
export type Labels<V> = { [name: string]: V };

export interface Counted {
  name: "received" | "refused" | "attempts" | "attempt_bucket" | "attempt_seconds";
  labels: Labels<string | number>;
  value: number;
}

const marks = ["received", "attempts", "refused"] as const;

// Parameters, because the planner does not see the value of a subquery, and expects a third of the table.
const markOf = (name: (typeof marks)[number]) => `$${marks.indexOf(name) + 2}::timestamptz`;

// Nothing if a sweep has moved a mark since it was read.
const readStatement = `
select name, labels, sum(value)::float8 as value from (
  select name, labels, value from metric_totals
  union all select * from (${received(markOf("received"), "now()")}) r
  union all select * from (${attempts(markOf("attempts"), "now()", "a.outcome")}) a
  union all select * from (${refused(markOf("refused"), "now()")}) f
) counted
where ${marks.map((name) => `(select upto from metric_marks where name = '${name}') = ${markOf(name)}`).join(" and ")}
group by 1, 2 order by 1, 2`;

/** The counters up to now, from the first run of this version on. */
export async function readCounters(db: Db): Promise<Counted[]> {
  const read = async () => {
    const { rows: known } = await db.query<{ name: string; upto: string }>(
      "select name, upto::text from metric_marks",
    );
    const upto = marks.map((name) => known.find((mark) => mark.name === name)?.upto ?? "-infinity");
    return (await db.query<Counted>(readStatement, [notificationTypes, ...upto])).rows;
  };
  const first = await read();
  return first.length > 0 ? first : await read();
}
