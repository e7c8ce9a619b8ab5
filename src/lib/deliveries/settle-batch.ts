import { setTimeout as sleep } from "node:timers/promises";
import { jsonb } from "../database/jsonb.ts";
import { lastFailure } from "../shared/exchange.ts";
import { errorText, log } from "../shared/log.ts";
import { nextDelayMs } from "./backoff.ts";
import type { BatchedDelivery } from "./claim-batch.ts";
import type { HandlerContext, Settlement } from "./handler.ts";

/** The possible outcomes of the attempts of a batch. */
export type BatchSettlement = Extract<Settlement, { kind: "done" | "hold" | "retry" | "give-up" }>;

/** Writes `sending_at` for the deliveries of a batch, and returns those that this worker still has: another worker may have claimed some. */
export async function markBatchSending(
  context: HandlerContext,
  others: readonly BatchedDelivery[],
): Promise<BatchedDelivery[]> {
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

// The batch form of the statement in `settle.ts`, with the same fence.
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
  ended_at = now(), error = $5, exchange = $9::jsonb,
  outcome = case when settled.state = 'due' then 'retry' else settled.state end
from settled where a.delivery_id = settled.id and a.number = settled.number`;

const states: Record<BatchSettlement["kind"], string> = {
  done: "done",
  hold: "held",
  retry: "due",
  "give-up": "dead",
};

/** Settles all deliveries of a batch in the same way. Retries until the deadline while the database is unavailable, because the effect has already happened. */
export async function settleBatch(
  context: HandlerContext,
  others: readonly BatchedDelivery[],
  settlement: BatchSettlement,
): Promise<void> {
  if (others.length === 0) return;
  const params = [...claims(others), states[settlement.kind], ...endingOf(context, settlement)];
  for (let pauseMs = 100; ; pauseMs *= 2) {
    try {
      await context.db.query(statement, params);
      return;
    } catch (error) {
      if (context.signal.aborted) throw error;
      log("warn", "settling a batch failed, retrying", {
        deliveryId: context.deliveryId,
        error: errorText(error),
      });
      await sleep(pauseMs);
    }
  }
}

function endingOf(context: HandlerContext, settlement: BatchSettlement) {
  const limits = context.settings.deliver;
  const delayMs =
    settlement.kind === "retry"
      ? nextDelayMs({ tries: context.attempt, afterMs: settlement.afterMs, random: 0.5 }, limits)
      : null;
  // Of the one request that all of them share.
  const exchange = settlement.kind === "done" ? null : lastFailure();
  const error =
    settlement.kind === "hold" ? settlement.reason : settlement.kind === "done" ? null : settlement.error;
  return [
    delayMs ?? 60_000,
    error,
    settlement.result === undefined ? null : jsonb(settlement.result),
    settlement.progress === undefined ? null : jsonb(settlement.progress),
    limits.retryDelaysMs.length,
    exchange && jsonb(exchange),
  ];
}

function claims(others: readonly BatchedDelivery[]): [string[], number[]] {
  return [others.map(({ deliveryId }) => deliveryId), others.map(({ attempts }) => attempts)];
}
