import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { errorText, log } from "../shared/log.ts";
import { claim, type Job } from "./claim.ts";
import { dispatch, LeaseLost } from "./dispatch.ts";
import type { Handler } from "./handler.ts";
import { settle } from "./settle.ts";

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

/** Claims what is due or whose lease ran out and delivers it, side by side, until nothing is left or the budget is spent. Returns how many attempts it made. */
export async function deliver(options: DeliverOptions): Promise<number> {
  const startedAt = Date.now();
  const { deliver: limits } = options.settings;
  const hasTime = () => Date.now() - startedAt + options.handlerTimeoutMs <= options.budgetMs;
  const running = new Set<Promise<void>>();
  const worker = randomUUID();
  let attempts = 0;
  let emptyLooks = 0;

  while (hasTime()) {
    const { jobs, ended } = await claim(options.db, {
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
  await Promise.all(running);
  return attempts;
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
