import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { errorText, type LogLevel, log } from "../shared/log.ts";
import { masked } from "../shared/masked.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import { type Claimed, type ClaimOptions, claim, type Job } from "./claim.ts";
import { dispatch, LeaseLost } from "./dispatch.ts";
import type { Handler, Settlement } from "./handler.ts";
import { looksUntilEmpty, presentLooks } from "./looks.ts";
import { presence } from "./presence.ts";
import { settle } from "./settle.ts";

/** If the database is unavailable for longer, this worker stops and the next one continues. */
const maxFailingMs = 60_000;

/** Hooks stop relying on a worker this long before its last look. */
const lastLooksMs = 5_000;
const meanwhileMs = 3_000;

export interface DeliverOptions {
  db: Db;
  handlers: readonly Handler[];
  settings: Settings;
  /** The platform ends the function after this time; no delivery is claimed if less than a handler's deadline is left. */
  budgetMs: number;
  handlerTimeoutMs: number;
  /** Hooks rely on this worker while it runs; absent: they do not, so it ends when nothing is left. */
  isPresent?: boolean;
  /** Called every three seconds, so that a worker with a steady load does not put off what others do at their end. */
  meanwhile?: () => Promise<void>;
  /** Without presence: after its first empty claim, the worker checks again after this time. */
  secondLookMs?: number;
  random?: () => number;
}

/**
 * Claims deliveries that are due or whose lease expired, and handles them concurrently, until none are left or the time is up. Returns
 * the number of attempts. Throws if claims fail for a minute, or until the time is up; running deliveries are finished first.
 */
export async function deliver(options: DeliverOptions): Promise<number> {
  const elapsedMs = stopwatch();
  const { deliver: limits } = options.settings;
  const timeLeftMs = () => options.budgetMs - options.handlerTimeoutMs - elapsedMs();
  const running = new Set<Promise<void>>();
  const worker = randomUUID();
  const looks = options.isPresent
    ? presentLooks(presence(options.db, worker))
    : looksUntilEmpty(options.secondLookMs);
  const meanwhile = every(meanwhileMs, options.meanwhile ?? (async () => {}));
  let attempts = 0;

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
      for (const job of ended) log("error", "delivery ended because its worker was lost", jobFields(job));
      for (const job of jobs) {
        attempts += 1;
        const run = attempt(job, options).finally(() => running.delete(run));
        running.add(run);
      }
      const isAlone = jobs.some(({ lost }) => lost); // It may have crashed a worker, so no other delivery runs at the same time.
      const hasRoom = !isAlone && running.size < limits.concurrency;
      const isLast = timeLeftMs() < lastLooksMs;
      meanwhile.next();
      if (running.size > 0) {
        await looks.busy({ hasRoom, isLast });
        if (isAlone) await Promise.all(running);
        else await Promise.race([...running, ...(hasRoom ? [sleep(looks.pauseMs)] : [])]);
      } else if (ended.length === 0 && !(await looks.again(isLast))) {
        break;
      }
    }
  } finally {
    await looks.end();
    await Promise.all(running);
    await meanwhile.end();
  }
  return attempts;
}

/** Calls `work` at most once in `ms`, and not while it still runs. */
function every(ms: number, work: () => Promise<void>) {
  let sinceMs = stopwatch();
  let working: Promise<void> | null = null;
  const run = async () => {
    try {
      await work();
    } catch (error) {
      log("error", "work beside deliveries failed", { error: errorText(error) });
    }
    sinceMs = stopwatch();
    working = null;
  };
  return {
    next(): void {
      if (working === null && sinceMs() >= ms) working = run();
    },
    async end(): Promise<void> {
      await working;
    },
  };
}

/** Repeats a failed claim, so that a short database outage does not end a worker with running deliveries. */
async function claimPatiently(db: Db, withinMs: number, options: ClaimOptions): Promise<Claimed> {
  const elapsedMs = stopwatch();
  for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, 5_000)) {
    try {
      return await claim(db, options);
    } catch (error) {
      if (elapsedMs() + pauseMs >= withinMs) throw error;
      log("warn", "claim failed, retrying", { error: errorText(error) });
      await sleep(pauseMs);
    }
  }
}

async function attempt(job: Job, options: DeliverOptions): Promise<void> {
  try {
    const { settlement, exchange } = await dispatch(job, { ...options, timeoutMs: options.handlerTimeoutMs });
    const written = await settle(options.db, job, settlement, {
      settings: options.settings.deliver,
      random: options.random ?? Math.random,
      exchange,
    });
    log(
      levels[settlement.kind],
      written === "settled" ? "delivery settled" : "lease lost, outcome not settled",
      {
        ...jobFields(job),
        kind: settlement.kind,
        reason: reasonOf(settlement),
      },
    );
  } catch (error) {
    // The lease expires, and the sweep continues the delivery.
    const reason = error instanceof LeaseLost ? "lease lost, stopped" : "attempt not settled";
    log("error", reason, { ...jobFields(job), error: errorText(error) });
  }
}

/** A retry is not an error, but its cause is useful for diagnosis. */
const levels: Readonly<Record<Settlement["kind"], LogLevel>> = {
  done: "info",
  skip: "info",
  wait: "info",
  retry: "warn",
  hold: "warn",
  "give-up": "error",
};

function reasonOf(settlement: Settlement): string | undefined {
  if ("error" in settlement) return settlement.error;
  return "reason" in settlement ? settlement.reason : undefined;
}

function jobFields(job: Job) {
  return {
    deliveryId: job.deliveryId,
    notificationId: job.notificationId,
    type: job.type,
    publicId: job.publicId && masked(job.publicId),
    handler: job.handler,
    attempt: job.attempts,
  };
}
