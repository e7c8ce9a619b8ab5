import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../settings.types.ts";
import { jsonb, storable } from "../database/jsonb.ts";
import type { Db, Param } from "../database/pool.ts";
import { isRefusedValue } from "../database/refusal.ts";
import type { Exchange } from "../shared/exchange.ts";
import { errorText, log } from "../shared/log.ts";
import { redact } from "../shared/redact.ts";
import { nextDelayMs } from "./backoff.ts";
import type { Job } from "./claim.ts";
import type { Follow, Json, Settlement } from "./handler.ts";

export interface SettleOptions {
  settings: Settings["deliver"];
  /** From 0 to 1; tests pass a fixed value. */
  random: () => number;
  /** The last request that failed; written if the attempt did not succeed. */
  exchange?: Exchange | null;
}

/** What `settle` writes. */
interface Ending {
  state: "due" | "done" | "skipped" | "held" | "dead";
  /** The outcome of the attempt: the state, or why the delivery is due again. */
  outcome: string;
  delayMs?: number;
  reason?: string;
  result?: Json;
  progress?: Json;
  follow?: Follow[];
}

// Fenced by the attempt number, so that a worker that lost its lease changes nothing.
const statement = `
with settled as (
  update deliveries d set
    state = case when $3 = 'due' and superseded.yes then 'skipped' else $3 end,
    due_at = case when $3 = 'due' then now() + $5::bigint * interval '1 ms' else due_at end,
    waits = waits + case when $4 = 'wait' then 1 else 0 end,
    lease_until = null, worker = null,
    sending_at = case when $3 = 'due' then null else sending_at end,
    last_error = case when $3 = 'due' and superseded.yes then 'superseded' else $6 end,
    result = coalesce($7::jsonb, result),
    progress = coalesce($8::jsonb, progress),
    settled_at = case when $3 = 'due' and not superseded.yes then null else now() end
  from (select exists (
    select from deliveries mine join deliveries newer on newer.handler = mine.handler and newer.subject = mine.subject
    where mine.id = $1::uuid and mine.planned_by is not null and newer.planned_by is not null and newer.state = 'due') as yes) superseded
  where d.id = $1::uuid and d.state = 'running' and d.attempts = $2::int
  returning d.id, d.notification_id
), closed as (
  update attempts a set ended_at = now(), outcome = $4, error = $6, exchange = $10::jsonb
  from settled where a.delivery_id = settled.id and a.number = $2::int
), followed as (
  insert into deliveries (notification_id, handler, subject, planned_by)
  select settled.notification_id, f.handler, f.subject, settled.id
  from settled, jsonb_to_recordset($9::jsonb) as f (handler text, subject text)
  on conflict (handler, subject) where state = 'due' and planned_by is not null do nothing
)
select id from settled`;

/**
 * Writes the outcome of an attempt. The effect has already happened, so a settle that fails because of the connection is retried
 * until the lease ends. If the database rejects the outcome, the delivery is dead. `lease-lost`: another worker has the delivery, and
 * nothing was changed.
 */
export async function settle(
  db: Db,
  job: Job,
  settlement: Settlement,
  options: SettleOptions,
): Promise<"settled" | "lease-lost"> {
  const ending = endingOf(settlement, job, options);
  const params: Param[] = [
    job.deliveryId,
    job.attempts,
    ending.state,
    ending.outcome,
    ending.delayMs ?? null,
    ending.reason === undefined ? null : redact(storable(ending.reason)).slice(0, 2_000),
    json(ending.result),
    json(ending.progress),
    jsonb(ending.follow ?? []),
    isFailure(settlement) && options.exchange ? jsonb(options.exchange) : null,
  ];
  for (let pauseMs = 100; ; pauseMs *= 2) {
    try {
      const { rowCount } = await db.query(statement, params);
      return rowCount === 1 ? "settled" : "lease-lost";
    } catch (error) {
      if (
        isRefusedOutcome(error) &&
        (ending.result !== undefined || ending.progress !== undefined || ending.follow)
      ) {
        const reason = `the database rejects the outcome of the handler: ${errorText(error)}`;
        return await settle(db, job, { kind: "give-up", error: reason }, options);
      }
      if (pauseMs >= job.leaseLeftMs()) throw error;
      log("warn", "settle failed, retrying", { deliveryId: job.deliveryId, error: errorText(error) });
      await sleep(pauseMs);
    }
  }
}

const isFailure = ({ kind }: Settlement): boolean => kind !== "done" && kind !== "skip";

/** A constraint violation can be caused by a concurrent change of another worker, and succeed at the next attempt. */
function isRefusedOutcome(error: unknown): boolean {
  return (
    isRefusedValue(error) &&
    !(error instanceof Error && "code" in error && String(error.code).startsWith("23"))
  );
}

function endingOf(settlement: Settlement, job: Job, { settings, random }: SettleOptions): Ending {
  switch (settlement.kind) {
    case "done":
      return { ...settlement, state: "done", outcome: "done" };
    case "skip":
      return { ...settlement, state: "skipped", outcome: "skipped" };
    case "hold":
      return { ...settlement, state: "held", outcome: "held" };
    case "wait":
      return {
        ...settlement,
        state: "due",
        outcome: "wait",
        delayMs: Math.max(0, settlement.until.getTime() - Date.now()),
      };
    case "give-up":
      return { ...settlement, state: "dead", outcome: "dead", reason: settlement.error };
    case "retry": {
      const delayMs = nextDelayMs(
        { tries: job.tries, afterMs: settlement.afterMs, random: random() },
        settings,
      );
      const again =
        delayMs === null
          ? { state: "dead" as const, outcome: "dead" }
          : { state: "due" as const, outcome: "retry", delayMs };
      return { ...settlement, ...again, reason: settlement.error };
    }
    default:
      return settlement satisfies never;
  }
}

function json(value: Json | undefined): string | null {
  return value === undefined ? null : jsonb(value);
}
