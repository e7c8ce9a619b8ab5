import { randomUUID } from "node:crypto";
import { jsonb } from "../lib/database/jsonb.ts";
import type { Db } from "../lib/database/pool.ts";
import type { Cause } from "./causes.ts";
import type { AlertChange } from "./channel.ts";

export interface Decide {
  causes: readonly Cause[];
  /** Kinds that could not be read completely: causes of them that were not found are not ended. */
  incomplete: readonly string[];
  intervalMs: number;
  /** Names of the channels that a message goes to. */
  channels: readonly string[];
}

/** What an unreported change must fulfil to be reported. The row's lock decides between two sweeps. */
const reportable = (reported: string) =>
  `(s.muted_at is null and ${reported} and (s.reported_at is null or s.reported_at <= now() - $3::bigint * interval '1 ms'))`;

// Updates what lasts and what has ended, and plans one message for each channel about the changes that are to be reported now. Two
// sweeps at once wait for each other's rows: the second one finds the change reported. A cause that ends and begins again within the
// interval is reported once, and later if it then still differs from what was reported.
const statement = `
with found as (
  select * from jsonb_to_recordset($1::jsonb) as f (key text, kind text, finding jsonb)
), began as (
  insert into alert_states as s (cause, kind, active, finding, reported, reported_at, reported_by)
  select key, kind, true, finding, true, now(), $2::uuid from found
  on conflict (cause) do update set
    active = true, finding = excluded.finding,
    began_at = case when s.active then s.began_at else now() end,
    ended_at = null,
    reported = s.reported or ${reportable("not s.reported")},
    reported_at = case when ${reportable("not s.reported")} then now() else s.reported_at end,
    reported_by = case when ${reportable("not s.reported")} then excluded.reported_by else s.reported_by end
  returning *
), ended as (
  update alert_states s set
    active = false,
    ended_at = case when s.active then now() else s.ended_at end,
    reported = s.reported and not ${reportable("s.reported")},
    reported_at = case when ${reportable("s.reported")} then now() else s.reported_at end,
    reported_by = case when ${reportable("s.reported")} then $2::uuid else s.reported_by end
  where (s.active or s.reported) and s.cause not in (select key from found) and s.kind <> all ($4::text[])
  returning *
), changed as (
  select jsonb_build_object('cause', cause, 'kind', kind, 'active', active, 'beganAt', began_at, 'endedAt', ended_at) || finding as change,
         active, cause
  from (select * from began union all select * from ended) s where reported_by = $2::uuid
), planned as (
  insert into alert_messages (channel, changes)
  select channel, (select jsonb_agg(change order by active desc, cause) from changed)
  from unnest($5::text[]) as channel where exists (select from changed)
)
select change from changed order by active desc, cause`;

/** One statement. Returns the changes that are reported now, each exactly once, and plans the messages about them. */
export async function decide(db: Db, options: Decide): Promise<AlertChange[]> {
  const { causes, incomplete, intervalMs, channels } = options;
  const { rows } = await db.query<{ change: AlertChange }>(statement, [
    jsonb(causes.map(({ key, kind, finding }) => ({ key, kind, finding: { ...finding } }))),
    randomUUID(),
    intervalMs,
    incomplete,
    channels,
  ]);
  return rows.map(({ change }) => change);
}

/** When the next change may be reported, or the next message is due; null if nothing is open. */
export async function nextAlert(db: Db, intervalMs: number): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    `select least(
       (select min(reported_at) + $1::bigint * interval '1 ms' from alert_states where active <> reported and muted_at is null),
       (select min(due_at) from alert_messages where state in ('due', 'sending'))) as at`,
    [intervalMs],
  );
  return rows[0]?.at ?? null;
}

/** Deletes messages, and causes that ended, after this time. Muted causes are kept. */
export async function forgetAlerts(db: Db, days: number): Promise<void> {
  await db.query(
    `with old as (delete from alert_messages where created_at < now() - $1::int * interval '1 day')
     delete from alert_states
     where not active and not reported and muted_at is null and ended_at < now() - $1::int * interval '1 day'`,
    [days],
  );
}
