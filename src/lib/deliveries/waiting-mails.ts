import type { EmailSettings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { errorText, log } from "../shared/log.ts";

// What waits for a person: assets in manual moderation that nobody decided, and decisions that moderation put on hold. An asset whose
// notification was mailed by its route already is not mailed again, but reminded of. $1: the time of the daily list, or null; $2: the
// time after which to remind, or null; $3: the handlers that tell people. Two sweeps at once wait for each other's rows, and the second one finds them mailed.
const statement = `
with waiting as (
  select 'asset:' || md5(d.asset_id || ':' || d.version) as item, max(d.noted_at) as since, d.asset_id, d.version, null::uuid as notification_id
  from moderation_decision d
  where d.status = 'pending' and not d.answered and d.kind = 'manual'
    and not exists (
      select from moderation_decision later
      where later.asset_id = d.asset_id and (later.version > d.version or (
        later.version = d.version and later.kind = d.kind and later.status <> 'pending' and later.taken_back_at is null
        and later.unconfirmed_at is null and later.decided_at >= date_trunc('second', d.decided_at))))
    and not exists (
      select from notifications gone
      where gone.asset_id = d.asset_id and gone.type in ('delete', 'delete_by_token') and gone.received_at >= d.noted_at)
    and not exists (
      select from notification_asset a join notifications gone on gone.id = a.notification_id
      where a.asset_id = d.asset_id and gone.type in ('delete', 'delete_by_token') and gone.received_at >= d.noted_at)
  group by d.asset_id, d.version
  union all
  select 'delivery:' || v.id, v.settled_at, null, null, v.notification_id
  from deliveries v where v.state = 'held' and v.handler = 'moderation'
), due as (
  select waiting.*, w.item is not null as is_known from waiting left join waiting_mails w using (item)
  where case when $1::timestamptz is not null then waiting.since <= $1::timestamptz and coalesce(w.mailed_at < $1::timestamptz, true)
             else w.item is null or (w.reminded_at is null and w.mailed_at < $2::timestamptz) end
  order by waiting.since limit 500
), about as (
  select due.*, coalesce(due.notification_id, (
    select n.id from notifications n where n.asset_id = due.asset_id and n.version = due.version
    order by n.type in ('moderation', 'moderation_summary') desc, n.type = 'upload' desc, n.received_at desc limit 1)) as about_id
  from due
), noted as (
  insert into waiting_mails as w (item) select item from about
  on conflict (item) do update set
    mailed_at = case when $1::timestamptz is null then w.mailed_at else now() end,
    reminded_at = case when $1::timestamptz is null then now() end
  where case when $1::timestamptz is not null then w.mailed_at < $1::timestamptz
             else w.reminded_at is null and w.mailed_at < $2::timestamptz end
  returning item
), planned as (
  insert into deliveries (notification_id, handler, progress)
  select about.about_id, wanted.handler, case
    when $1::timestamptz is not null then '{"list": true}'::jsonb
    when about.is_known then '{"reminder": true}'::jsonb end
  from about join noted using (item) cross join unnest($3::text[]) as wanted (handler)
  where about.about_id is not null and ($1::timestamptz is not null or about.is_known or not exists (
    select from notifications n join deliveries mail on mail.notification_id = n.id and mail.handler = wanted.handler
    where n.id = about.about_id or n.asset_id = about.asset_id and n.version = about.version
      and n.type in ('moderation', 'moderation_summary', 'info', 'upload')))
  returning id
), gone as (
  delete from waiting_mails where mailed_at < now() - interval '400 days'
)
select count(*)::int as planned from planned`;

/** Plans e-mails and chat messages about what started to wait for a person, reminders, or the daily list. Returns their number. Never throws: the next sweep tries again. */
export async function planWaitingMails(
  db: Db,
  { waiting, timeZone }: EmailSettings,
  now: Date,
  handlers: readonly string[],
): Promise<number> {
  if (handlers.length === 0) return 0;
  if (waiting.send === "off") return 0;
  const listAt = waiting.send === "daily" ? lastAtHour(waiting.dailyHour, timeZone, now) : null;
  const remindBefore =
    waiting.remindAfterMs === null ? null : new Date(now.getTime() - waiting.remindAfterMs);
  try {
    const { rows } = await db.query<{ planned: number }>(statement, [
      listAt?.toISOString() ?? null,
      remindBefore?.toISOString() ?? null,
      handlers,
    ]);
    return rows[0]?.planned ?? 0;
  } catch (error) {
    log("warn", "mails about what waits were not planned", { error: errorText(error) });
    return 0;
  }
}

const hourMs = 60 * 60_000;

/** The last full hour at which it was this hour of the day in the time zone. */
export function lastAtHour(hour: number, timeZone: string, now: Date): Date {
  const hours = new Intl.DateTimeFormat("en-GB", { hour: "numeric", hourCycle: "h23", timeZone });
  const full = Math.floor(now.getTime() / hourMs) * hourMs;
  for (let back = 0; back < 25; back += 1) {
    const at = new Date(full - back * hourMs);
    if (Number(hours.format(at)) === hour) return at;
  }
  return new Date(full); // Skipped today by the change to summer time.
}
