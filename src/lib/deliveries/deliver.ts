import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { errorText, log } from "../shared/log.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import { type Claimed, type ClaimOptions, claim, type Job } from "./claim.ts";
import { dispatch, LeaseLost } from "./dispatch.ts";
import type { Handler } from "./handler.ts";
import { settle } from "./settle.ts";

/** A database that is away for longer is left to the next worker. */
const maxFailingMs = 60_000;

export interface DeliverOptions {
  db: Db;
  handlers: readonly Handler[];
  settings: Settings;
  /** The platform ends the function after this; nothing is claimed when less than a handler's deadline is left. */
  budgetMs: number;
  handlerTimeoutMs: number;
  /** How long after its first empty claim the worker looks once more: a hook's nudge may have been swallowed by its pulse. */
  secondLookMs?: number;
  random?: () => number;
}

/**
 * Claims what is due or whose lease ran out and delivers it, side by side, until nothing is left or the budget is spent. Returns how
 * many attempts it made. Throws when claims fail for a minute, or until the budget is spent; first, what runs comes to its end.
 */
export async function deliver(options: DeliverOptions): Promise<number> {
  const elapsedMs = stopwatch();
  const { deliver: limits } = options.settings;
  const timeLeftMs = () => options.budgetMs - options.handlerTimeoutMs - elapsedMs();
  const running = new Set<Promise<void>>();
  const worker = randomUUID();
  let attempts = 0;
  let emptyLooks = 0;

  try {
    while (timeLeftMs() >= 0) {
      const { jobs, ended } = await claimPatiently(options.db, Math.min(maxFailingMs, timeLeftMs()), {
        worker,
        handlers: options.handlers.map(({ name }) => name),
        limit: limits.concurrency - running.size,
        idle: running.size === 0,
        leaseMs: options.handlerTimeoutMs + limits.leaseMarginMs,
        maxTries: limits.retryDelaysMs.length,
        maxWorkers: limits.maxWorkers,
      });
      for (const job of ended) log("error", "delivery ended: its worker was lost", jobFields(job));
      for (const job of jobs) {
        attempts += 1;
        const run = attempt(job, options).finally(() => running.delete(run));
        running.add(run);
      }
      if (jobs.some(({ lost }) => lost)) {
        await Promise.all(running); // It may be the one that took a worker down, so nothing runs beside it.
      } else if (running.size > 0) {
        await Promise.race([...running, ...(running.size < limits.concurrency ? [sleep(1_000)] : [])]);
      } else if (ended.length === 0) {
        emptyLooks += 1;
        if (emptyLooks > 1) break;
        await sleep(options.secondLookMs ?? 2_000);
      }
      if (jobs.length > 0) emptyLooks = 0;
    }
  } finally {
    await Promise.all(running);
  }
  return attempts;
}

/** Repeats a claim that fails, so that a database that is away for a moment does not end a worker with deliveries in flight. */
async function claimPatiently(db: Db, withinMs: number, options: ClaimOptions): Promise<Claimed> {
  const elapsedMs = stopwatch();
  for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, 5_000)) {
    try {
      return await claim(db, options);
    } catch (error) {
      if (elapsedMs() + pauseMs >= withinMs) throw error;
      log("warn", "claim failed, trying again", { error: errorText(error) });
      await sleep(pauseMs);
    }
  }
}

async function attempt(job: Job, options: DeliverOptions): Promise<void> {
  try {
    const settlement = await dispatch(job, { ...options, timeoutMs: options.handlerTimeoutMs });
    const written = await settle(options.db, job, settlement, {
      settings: options.settings.deliver,
      random: options.random ?? Math.random,
    });
    const level = settlement.kind === "give-up" ? "error" : "info";
    log(level, written === "settled" ? "delivery settled" : "lease lost, nothing settled", {
      ...jobFields(job),
      kind: settlement.kind,
    });
  } catch (error) {
    // The lease runs out, and the sweep takes it from there.
    const reason = error instanceof LeaseLost ? "lease lost, stopped" : "attempt not settled";
    log("error", reason, { ...jobFields(job), error: errorText(error) });
  }
}

function jobFields(job: Job) {
  return {
    deliveryId: job.deliveryId,
    notificationId: job.notificationId,
    handler: job.handler,
    attempt: job.attempts,
  };
}
