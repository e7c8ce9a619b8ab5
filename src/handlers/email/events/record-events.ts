import { jsonb } from "../../../lib/database/jsonb.ts";
import type { Db } from "../../../lib/database/pool.ts";
import type { MailEvent } from "./read-events.ts";

// Repeated events change nothing. An address is unreachable after a bounce, a drop or a spam report, until a later mail is delivered.
const statement = `
with given as (
  select distinct on (e."eventId") e.*
  from jsonb_to_recordset($1::jsonb) as e ("eventId" text, "deliveryId" uuid, "recipientKey" text, recipient text, event text, reason text, at timestamptz)
), added as (
  insert into mail_events (event_id, delivery_id, recipient_key, recipient, event, reason, at)
  select "eventId", "deliveryId", "recipientKey", recipient, event, reason, at from given
  on conflict (event_id) do nothing
  returning recipient_key, recipient, event, reason, at
), latest as (
  select distinct on (recipient_key) * from added where event <> 'processed' order by recipient_key, at desc, event = 'delivered'
), reached as (
  delete from refused_recipients r using latest where latest.event = 'delivered' and r.key = latest.recipient_key and r.last_at <= latest.at
), unreachable as (
  insert into refused_recipients as r (key, recipient, cause, reason, first_at, last_at)
  select recipient_key, recipient, event, coalesce(reason, event), at, at from latest where event <> 'delivered'
  on conflict (key) do update set
    cause = excluded.cause, reason = excluded.reason, times = r.times + 1, last_at = greatest(r.last_at, excluded.last_at)
)
select count(*)::int as count from added`;

/** Stores the events; returns how many were new. */
export async function recordEvents(db: Db, events: readonly MailEvent[]): Promise<number> {
  if (events.length === 0) return 0;
  const { rows } = await db.query<{ count: number }>(statement, [
    jsonb(events.map((event) => ({ ...event }))),
  ]);
  return rows[0]?.count ?? 0;
}

/** Deletes events, and addresses that no mail has reached, after this time. */
export async function forgetMailEvents(db: Db, days: number): Promise<void> {
  await db.query(
    `with old as (delete from refused_recipients where last_at < now() - $1::int * interval '1 day')
     delete from mail_events where received_at < now() - $1::int * interval '1 day'`,
    [days],
  );
}

export interface ListedEvent {
  recipient: string;
  event: MailEvent["event"];
  reason: string | null;
  at: Date;
}

/** SendGrid's events of these deliveries, oldest first. */
export async function eventsOf(db: Db, deliveryIds: readonly string[]): Promise<ListedEvent[]> {
  const { rows } = await db.query<ListedEvent>(
    `select recipient, event, reason, at from mail_events where delivery_id = any ($1::uuid[])
     order by at, array_position(array['processed', 'dropped', 'delivered', 'bounced', 'spam'], event), recipient limit 500`,
    [deliveryIds],
  );
  return rows;
}
