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
}

/** What is written about one attempt. */
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

// Fenced by the attempt number, so that a worker that lost its lease changes nothing. Most attempts are the last of their delivery and
// plan no others: without the clauses for those that are not, planning takes a fraction of the time.
const statementOf = ({ isSimple }: { isSimple: boolean }) => `
with ending as (
  select e.*, ${isSimple ? "false" : superseded} as superseded
  from jsonb_to_recordset($1::jsonb) as e (
    id uuid, number int, state text, outcome text, delay bigint, reason text, result text, progress text, follow jsonb, exchange jsonb)
), settled as (
  update deliveries d set
    state = case when e.superseded then 'skipped' else e.state end,
    due_at = case when e.state = 'due' then now() + e.delay * interval '1 ms' else d.due_at end,
    waits = d.waits + case when e.outcome = 'wait' then 1 else 0 end,
    lease_until = null, worker = null,
    sending_at = case when e.state = 'due' then null else d.sending_at end,
    last_error = case when e.superseded then 'superseded' else e.reason end,
    result = coalesce(e.result::jsonb, d.result),
    progress = coalesce(e.progress::jsonb, d.progress),
    settled_at = case when e.state = 'due' and not e.superseded then null else now() end
  from ending e
  where d.id = e.id and d.state = 'running' and d.attempts = e.number
  returning d.id, d.notification_id, e.number, e.outcome, e.reason, e.follow, e.exchange
), closed as (
  update attempts a set ended_at = now(), outcome = settled.outcome, error = settled.reason, exchange = settled.exchange
  from settled where a.delivery_id = settled.id and a.number = settled.number
)${isSimple ? "" : followed}
select id from settled`;

// A delivery that is due again while a newer one has the same handler and subject.
const superseded = `
    e.state = 'due' and exists (
      select from deliveries mine join deliveries newer on newer.handler = mine.handler and newer.subject = mine.subject
      where mine.id = e.id and mine.planned_by is not null and newer.planned_by is not null and newer.state = 'due')`;

const followed = `, followed as (
  insert into deliveries (notification_id, handler, subject, planned_by)
  select settled.notification_id, f.handler, f.subject, settled.id
  from settled, jsonb_to_recordset(settled.follow) as f (handler text, subject text)
  on conflict (handler, subject) where state = 'due' and planned_by is not null do nothing
)`;

const statements = { simple: statementOf({ isSimple: true }), any: statementOf({ isSimple: false }) };

const statementFor = (endings: readonly Ending[]) =>
  endings.every(({ state, follow = [] }) => state !== "due" && follow.length === 0)
    ? statements.simple
    : statements.any;

export interface Settling {
  job: Job;
  settlement: Settlement;
  /** The last request that failed; written if the attempt did not succeed. */
  exchange?: Exchange | null;
}

export type Settled = "settled" | "lease-lost";

/** Writes the outcomes of several attempts with one statement, once: if it fails, nothing was written. */
export async function settleAll(
  db: Db,
  attempts: readonly Settling[],
  options: SettleOptions,
): Promise<Settled[]> {
  const endings = attempts.map((attempt) => ({ attempt, ending: endingOf(attempt, options) }));
  const written = jsonb(endings.map(({ attempt, ending }) => rowOf(attempt, ending)));
  const statement = statementFor(endings.map(({ ending }) => ending));
  const { rows } = await db.query<{ id: string }>(statement, [written]);
  const settled = new Set(rows.map(({ id }) => id));
  return attempts.map(({ job }) => (settled.has(job.deliveryId) ? "settled" : "lease-lost"));
}

/**
 * Writes the outcome of an attempt. The effect has already happened, so a settle that fails because of the connection is retried
 * until the lease ends. If the database rejects the outcome, the delivery is dead. `lease-lost`: another worker has the delivery, and
 * nothing was changed.
 */
export async function settle(db: Db, attempt: Settling, options: SettleOptions): Promise<Settled> {
  const { job } = attempt;
  const ending = endingOf(attempt, options);
  const statement = statementFor([ending]);
  const params: Param[] = [jsonb([rowOf(attempt, ending)])];
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
        return await settle(db, { ...attempt, settlement: { kind: "give-up", error: reason } }, options);
      }
      if (pauseMs >= job.leaseLeftMs()) throw error;
      log("warn", "settle failed, retrying", { deliveryId: job.deliveryId, error: errorText(error) });
      await sleep(pauseMs);
    }
  }
}

function rowOf({ job, settlement, exchange }: Settling, ending: Ending) {
  const { state, outcome, delayMs, reason, result, progress, follow } = ending;
  return {
    id: job.deliveryId,
    number: job.attempts,
    state,
    outcome,
    delay: delayMs === undefined ? null : Math.round(delayMs),
    reason: reason === undefined ? null : redact(storable(reason)).slice(0, 2_000),
    // As text, because a null in a record would not be stored.
    result: result === undefined ? null : jsonb(result),
    progress: progress === undefined ? null : jsonb(progress),
    follow: follow ?? [],
    exchange: isFailure(settlement) ? (exchange ?? null) : null,
  };
}

const isFailure = ({ kind }: Settlement): boolean => kind !== "done" && kind !== "skip";

/** A constraint violation can be caused by a concurrent change of another worker, and succeed at the next attempt. */
function isRefusedOutcome(error: unknown): boolean {
  return (
    isRefusedValue(error) &&
    !(error instanceof Error && "code" in error && String(error.code).startsWith("23"))
  );
}

function endingOf({ job, settlement }: Settling, { settings, random }: SettleOptions): Ending {
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
