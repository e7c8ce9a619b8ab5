import { setTimeout as sleep } from "node:timers/promises";
import { jsonb } from "../../../lib/database/jsonb.ts";
import { nextDelayMs } from "../../../lib/deliveries/backoff.ts";
import type { HandlerContext } from "../../../lib/deliveries/handler.ts";
import { errorText, log } from "../../../lib/shared/log.ts";
import type { Gathered } from "./claim-batch.ts";
import type { MailSettlement } from "./settlement.ts";

/** Writes `sending_at` for all that were taken along; those that another worker has taken meanwhile are left out. */
export async function markTogether(
  context: HandlerContext,
  others: readonly Gathered[],
): Promise<Gathered[]> {
  const { rows } = await context.db.query<{ id: string }>(
    `update deliveries d set sending_at = now()
     from unnest($1::uuid[], $2::int[]) as taken (id, number)
     where d.id = taken.id and d.attempts = taken.number and d.state = 'running' and d.lease_until > now()
     returning d.id`,
    claims(others),
  );
  const marked = new Set(rows.map(({ id }) => id));
  return others.filter(({ deliveryId }) => marked.has(deliveryId));
}

// As `settle` does for one, fenced in the same way.
const statement = `
with settled as (
  update deliveries d set
    state = case when $3 = 'due' and d.attempts - d.waits >= $8::int then 'dead' else $3 end,
    due_at = case when $3 = 'due' then now() + $4::bigint * interval '1 ms' else d.due_at end,
    lease_until = null, worker = null,
    sending_at = case when $3 = 'due' then null else d.sending_at end,
    last_error = $5, result = coalesce($6::jsonb, d.result), progress = coalesce($7::jsonb, d.progress),
    settled_at = case when $3 = 'due' and d.attempts - d.waits < $8::int then null else now() end
  from unnest($1::uuid[], $2::int[]) as taken (id, number)
  where d.id = taken.id and d.attempts = taken.number and d.state = 'running'
  returning d.id, d.state, taken.number
)
update attempts a set
  ended_at = now(), error = $5,
  outcome = case when a.number < settled.number then 'wait' when settled.state = 'due' then 'retry' else settled.state end
from settled where a.delivery_id = settled.id and a.number <= settled.number and a.ended_at is null`;

const states: Record<MailSettlement["kind"], string> = {
  done: "done",
  hold: "held",
  retry: "due",
  "give-up": "dead",
};

/** Ends all that were taken along as their digest ended. Tried again until the deadline when the database is away: the mail has gone out by now. */
export async function settleTogether(
  context: HandlerContext,
  others: readonly Gathered[],
  settlement: MailSettlement,
): Promise<void> {
  if (others.length === 0) return;
  const params = [...claims(others), states[settlement.kind], ...endingOf(context, settlement)];
  for (let pauseMs = 100; ; pauseMs *= 2) {
    try {
      await context.db.query(statement, params);
      return;
    } catch (error) {
      if (context.signal.aborted) throw error;
      log("warn", "settling a digest failed, trying again", {
        deliveryId: context.deliveryId,
        error: errorText(error),
      });
      await sleep(pauseMs);
    }
  }
}

function endingOf(context: HandlerContext, settlement: MailSettlement) {
  const limits = context.settings.deliver;
  const delayMs =
    settlement.kind === "retry"
      ? nextDelayMs({ tries: context.attempt, afterMs: settlement.afterMs, random: 0.5 }, limits)
      : null;
  const error =
    settlement.kind === "hold" ? settlement.reason : settlement.kind === "done" ? null : settlement.error;
  return [
    delayMs ?? 60_000,
    error,
    settlement.result === undefined ? null : jsonb(settlement.result),
    settlement.progress === undefined ? null : jsonb(settlement.progress),
    limits.retryDelaysMs.length,
  ];
}

function claims(others: readonly Gathered[]): [string[], number[]] {
  return [others.map(({ deliveryId }) => deliveryId), others.map(({ attempts }) => attempts)];
}
