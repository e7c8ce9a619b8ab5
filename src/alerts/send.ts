import type { Db } from "../lib/database/pool.ts";
import { errorText, log } from "../lib/shared/log.ts";
import { redact } from "../lib/shared/redact.ts";
import type { AlertChange, AlertChannel, Sent } from "./channel.ts";

/** For one message. */
const timeoutMs = 8_000;
/** A message that is not settled by then was lost with its function. */
const lostAfterMs = 60_000;
/** About a day of retries. */
const maxAttempts = 28;
const atOnce = 10;

interface Claimed {
  id: string;
  channel: string;
  changes: AlertChange[];
  createdAt: Date;
  attempts: number;
  /** It was being sent before, and nobody knows how that ended. */
  lost: boolean;
}

const claimStatement = `
with taken as (
  select id, state = 'sending' as lost from alert_messages
  where state in ('due', 'sending') and due_at <= now() and channel = any ($1::text[])
  order by created_at limit $2::int for update skip locked
)
update alert_messages m set state = 'sending', attempts = m.attempts + 1, due_at = now() + $3::bigint * interval '1 ms'
from taken where m.id = taken.id
returning m.id, m.channel, m.changes, m.created_at as "createdAt", m.attempts, taken.lost`;

// Fenced by the attempt: a function that was lost and comes back changes nothing.
const settleStatement = `
update alert_messages set state = $3, last_error = $4, due_at = now() + $5::bigint * interval '1 ms',
  sent_at = case when $3 = 'sent' then now() end
where id = $1::uuid and attempts = $2::int and state = 'sending'`;

/** Sends the messages that are due, and logs each one that is not sent. A message is retried only if it was certainly not sent, or is repeatable. */
export async function sendAlerts(db: Db, channels: readonly AlertChannel[]): Promise<number> {
  if (channels.length === 0) return 0;
  const { rows } = await db.query<Claimed>(claimStatement, [
    channels.map(({ name }) => name),
    atOnce,
    lostAfterMs,
  ]);
  const sent = await Promise.all(
    rows.map(async (message) => {
      const channel = channels.find(({ name }) => name === message.channel);
      if (!channel) return false;
      const outcome = await attempt(message, channel);
      await settle(db, message, outcome, channel);
      return outcome.kind === "sent";
    }),
  );
  return sent.filter(Boolean).length;
}

async function attempt(message: Claimed, channel: AlertChannel): Promise<Sent> {
  if (message.lost && !channel.repeatable)
    return { kind: "unknown", error: "the function ended while the message was being sent" };
  try {
    return await channel.send(message, AbortSignal.timeout(timeoutMs));
  } catch (error) {
    return { kind: "failed", error: errorText(error), final: false };
  }
}

async function settle(
  db: Db,
  { id, channel, attempts, changes }: Claimed,
  sent: Sent,
  { repeatable }: AlertChannel,
): Promise<void> {
  const again =
    attempts < maxAttempts &&
    ((sent.kind === "failed" && !sent.final) || (sent.kind === "unknown" && repeatable));
  const state = sent.kind === "sent" ? "sent" : again ? "due" : sent.kind;
  const error = sent.kind === "sent" ? null : redact(sent.error).slice(0, 1_000);
  if (error !== null)
    log("error", "alert not sent", {
      id,
      channel,
      causes: changes.map(({ cause }) => cause).join(" "),
      attempt: attempts,
      again,
      error,
    });
  await db.query(settleStatement, [id, attempts, state, error, again ? retryAfterMs(attempts) : 0]);
}

/** 1 min, 2 min, 4 min, ... up to an hour. */
function retryAfterMs(attempts: number): number {
  return Math.min(60, 2 ** (attempts - 1)) * 60_000;
}
