import type { Db } from "../database/pool.ts";
import { errorText, log } from "../shared/log.ts";

/** Between SendGrid's clock and the database's. */
const clockMs = 10_000;

// `processed` says that SendGrid accepted the request, with all its recipients. It must belong to this request: not to an earlier one
// (its recipients have been accepted), nor to an earlier sending of the same delivery. If further requests were to follow
// (more than 1,000 recipients), a person decides. Deliveries of a digest were sent by their leader.
const statement = `
with confirmed as (
  select d.id, d.notification_id, d.attempts from deliveries d
  where d.state = 'held' and d.handler = 'email' and d.last_error = 'outcome-unknown' and d.sending_at is not null
    and coalesce((d.progress ->> 'unsent')::int, 0) = 0
    and exists (
      select from mail_events e
      where e.delivery_id in (d.id, (d.result ->> 'sentBy')::uuid) and e.event = 'processed'
        and e.at > d.sending_at - interval '${clockMs} ms'
        and not coalesce(d.progress -> 'accepted' @> jsonb_build_array(jsonb_build_object('key', e.recipient_key)), false))
  limit 500 for update skip locked
)
update deliveries d set state = 'done', last_error = null, settled_at = now(),
  result = coalesce(d.result, '{}') || '{"confirmedBy": "sendgrid-events"}'
from confirmed where d.id = confirmed.id
returning d.id as "deliveryId", d.notification_id as "notificationId"`;

/** Settles e-mails with an unknown outcome that SendGrid's events confirm. Returns their number. Never throws: the next sweep tries again. */
export async function settleConfirmed(db: Db): Promise<number> {
  try {
    const { rows } = await db.query<{ deliveryId: string; notificationId: string }>(statement);
    for (const fields of rows) log("info", "unknown outcome settled: SendGrid processed the mail", fields);
    return rows.length;
  } catch (error) {
    log("warn", "unknown outcomes not settled", { error: errorText(error) });
    return 0;
  }
}
