import type { Config } from "../../config.types.ts";
import { recipientKey, recipientsOf } from "../../handlers/email/recipients.ts";
import { type UnreachableRecipient, unreachable } from "../../handlers/email/refused-recipients.ts";
import { isRecentDeletion } from "../../handlers/moderation/reserve-action.ts";
import type { Db } from "../../lib/database/pool.ts";
import { masked } from "../../lib/shared/masked.ts";
import { settings } from "../../settings.ts";

/** Further facts that warnings and alerts are decided by; each statement reads a bounded part of an index. */
export interface Signals {
  /** Dead and held deliveries by handler and cause. */
  stuck: StuckCause[];
  /** There are more than were read, so a cause that is not in `stuck` may still exist. */
  isStuckCut: boolean;
  /** Requests that were rejected within 24 hours, since the last notification that was verified. */
  refused: { count: number; reasons: string[]; verifiedAt: Date | null };
  /** Deletions by moderation within the last hour. */
  deletions: number;
  backlogs: Backlog[];
  /** A notification was received at this time, and no background worker has run since, though one ran before. */
  backgroundMissedAt: Date | null;
  /** Configured recipients that no mail reaches. */
  unreachable: UnreachableRecipient[];
}

export interface StuckCause {
  state: "dead" | "held";
  handler: string;
  /** Of the error, without ids and long numbers. */
  cause: string;
  count: number;
}

/** The queued deliveries of a paused handler. */
export interface Backlog {
  handler: string;
  /** At most 10,000 are counted. */
  count: number;
  oldestAt: Date;
}

/** Of each state, the newest. */
const maxStuck = 2_000;
const maxBacklog = 10_000;
/** A background function runs for up to 15 minutes, and notes its run at the end. */
const backgroundMinutes = 20;

const stuckStatement = `
select state, handler, error_cause(last_error) as cause, count(*)::int as count
from (
  (select state, handler, last_error from deliveries where state = 'dead' order by settled_at desc limit ${maxStuck})
  union all
  (select state, handler, last_error from deliveries where state = 'held' order by settled_at desc limit ${maxStuck})
) newest
group by 1, 2, 3 order by count desc, 1, 2, 3`;

// A verified notification came from a hook or by polling; reconcile asks Cloudinary by itself.
const refusedStatement = `
with verified as (
  select max(received_at) as at from (
    select received_at from notifications where secret_name is not null order by received_at desc limit 1) newest
)
select coalesce(sum(r.count), 0)::int as count, coalesce(array_agg(distinct r.reason) filter (where r.reason is not null), '{}') as reasons,
       (select at from verified) as "verifiedAt"
from refusals r
where r.hour > now() - interval '24 hours' and r.reason <> 'unreadable-cut'
  and r.last_at > coalesce((select at from verified), '-infinity')`;

const backlogStatement = `
select p.handler, q.count, q."oldestAt"
from paused_handlers p cross join lateral (
  select count(*)::int as count, coalesce(nullif(min(due_at), 'infinity'), now()) as "oldestAt"
  from (select due_at from deliveries where state = 'due' and handler = p.handler order by due_at limit ${maxBacklog}) d) q
where q.count > 0 order by 1`;

const backgroundStatement = `
select (
  select n.received_at from notifications n
  where n.received_at > b.at and n.received_at < now() - interval '${backgroundMinutes} minutes' and n.source in ('webhook', 'public')
  order by n.received_at limit 1) as "missedAt"
from heartbeats b where b.name = 'deliver-background'`;

type Recipients = Pick<Config, "mail" | "alerts">;

export async function signals(db: Db, { mail, alerts }: Recipients): Promise<Signals> {
  const configured = recipientsOf([mail, alerts.mail], settings.email).map(recipientKey);
  const [stuck, refused, deletions, backlogs, background, recipients] = await Promise.all([
    db.query<StuckCause>(stuckStatement),
    db.query<Signals["refused"]>(refusedStatement),
    db.query<{ count: number }>(
      `select count(*)::int as count from moderation_decision where ${isRecentDeletion}`,
    ),
    db.query<Backlog>(backlogStatement),
    db.query<{ missedAt: Date | null }>(backgroundStatement),
    unreachable(db, configured),
  ]);
  const countOf = (state: StuckCause["state"]) =>
    stuck.rows.reduce((sum, row) => sum + (row.state === state ? row.count : 0), 0);
  return {
    // Errors repeat what a service said, which can hold a token or an address.
    stuck: stuck.rows.map((row) => ({ ...row, cause: masked(row.cause) })),
    isStuckCut: countOf("dead") >= maxStuck || countOf("held") >= maxStuck,
    refused: refused.rows[0] ?? { count: 0, reasons: [], verifiedAt: null },
    deletions: deletions.rows[0]?.count ?? 0,
    backlogs: backlogs.rows,
    backgroundMissedAt: background.rows[0]?.missedAt ?? null,
    unreachable: recipients.map((recipient) => ({ ...recipient, reason: masked(recipient.reason) })),
  };
}
