import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { listAssets } from "../receive/list-assets.ts";
import { errorText, type LogLevel, log } from "../shared/log.ts";
import { masked } from "../shared/masked.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import { changesOf } from "./changes.ts";
import { type Claimed, type ClaimOptions, claim, type Job } from "./claim.ts";
import { claimsAhead } from "./claims-ahead.ts";
import { type Attempted, dispatch, LeaseLost } from "./dispatch.ts";
import type { Handler, Settlement } from "./handler.ts";
import { looksUntilEmpty, presentLooks } from "./looks.ts";
import { presence } from "./presence.ts";
import type { Settled, Settling } from "./settle.ts";
import { settlesTogether } from "./settle-together.ts";

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
  const worker = randomUUID();
  const looks = options.isPresent
    ? presentLooks(presence(options.db, worker))
    : looksUntilEmpty(options.secondLookMs);
  const meanwhile = every(meanwhileMs, options.meanwhile ?? (async () => {}));
  const settleSoon = settlesTogether(options.db, { settings: limits, random: options.random ?? Math.random });
  const ahead = claimsAhead();
  const handling = new Set<Promise<void>>();
  const settling = new Set<Promise<void>>();
  let claiming: Promise<void> | null = null;
  let isPausing = false;
  // The last claim found less than it asked for, so the next one waits until a delivery has ended, or for a while.
  let isDrained = false;
  // The delivery may have crashed a worker, so no other one runs at the same time.
  let isAlone = false;
  let attempts = 0;
  const changes = changesOf();
  const claimErrors: unknown[] = [];

  const isIdle = () => handling.size + settling.size + ahead.size === 0;

  const claimMore = async (limit: number) => {
    const { jobs, ended, unlisted } = await claimPatiently(options.db, Math.min(maxFailingMs, timeLeftMs()), {
      worker,
      handlers: options.handlers.map(({ name }) => name),
      limit,
      idle: isIdle(),
      leaseMs: options.handlerTimeoutMs + limits.leaseMarginMs,
      maxTries: limits.retryDelaysMs.length,
      maxWorkers: limits.maxWorkers,
    });
    for (const job of ended) log("error", "delivery ended because its worker was lost", jobFields(job));
    isAlone = jobs.some(({ lost }) => lost);
    isDrained = jobs.length < limit && ended.length === 0;
    // What is due can be claimed once the assets are listed.
    if (unlisted && jobs.length === 0 && (await listed(options, timeLeftMs()))) isDrained = false;
    ahead.add(jobs);
  };
  const start = (job: Job) => {
    attempts += 1;
    const handled = dispatch(job, { ...options, timeoutMs: options.handlerTimeoutMs });
    track(handling, handled.then(nothing, nothing), () => {
      ahead.ended();
      changes.note();
    });
    finish(job, handled);
  };
  const finish = (job: Job, handled: Promise<Attempted>) =>
    track(settling, settleWhenHandled(job, handled, settleSoon), () => {
      isDrained = false;
      changes.note();
    });
  const giveBack = (jobs: readonly Job[]) => {
    for (const job of jobs)
      finish(job, Promise.resolve({ settlement: { kind: "wait", until: new Date() }, exchange: null }));
  };

  try {
    while (timeLeftMs() >= 0) {
      const changed = changes.next();
      meanwhile.next();
      giveBack(ahead.takeStale());
      for (const job of ahead.take(limits.concurrency - handling.size)) start(job);
      if (isIdle()) isAlone = false;
      const wanted = isAlone || isDrained ? 0 : ahead.wanted(limits.concurrency - handling.size);
      if (wanted > 0)
        claiming ??= claimMore(wanted)
          .catch((error: unknown) => void claimErrors.push(error))
          .finally(() => {
            claiming = null;
            changes.note();
          });
      const isLast = timeLeftMs() < lastLooksMs;
      if (handling.size > 0) {
        const hasRoom = !isAlone && ahead.size + handling.size < limits.concurrency;
        await looks.busy({ hasRoom, isLast });
      } else if (claiming === null && isIdle()) {
        if (!(await looks.again(isLast))) break;
        isDrained = false;
        continue;
      }
      if ((isDrained || ahead.size > 0) && !isPausing) {
        isPausing = true;
        void sleep(looks.pauseMs).then(() => {
          isDrained = false;
          isPausing = false;
          changes.note();
        });
      }
      await changed;
      if (claimErrors.length > 0) throw claimErrors[0];
    }
  } finally {
    await looks.end();
    await claiming;
    giveBack(ahead.takeAll());
    await Promise.all([...handling, ...settling]);
    await meanwhile.end();
  }
  return attempts;
}

const nothing = () => {};

/** Keeps `work` in `set` until it has ended. */
function track(set: Set<Promise<void>>, work: Promise<void>, ended: () => void): void {
  const tracked = work.finally(() => {
    set.delete(tracked);
    ended();
  });
  set.add(tracked);
}

/** Whether there were assets to list. An error is logged: deliveries continue without them after a time (claim.ts). */
async function listed({ db, settings }: DeliverOptions, budgetMs: number): Promise<boolean> {
  try {
    const { any, complete } = await listAssets(db, settings, budgetMs);
    return any && complete;
  } catch (error) {
    log("error", "the assets of a notification were not listed", { error: errorText(error) });
    return false;
  }
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

async function settleWhenHandled(
  job: Job,
  handled: Promise<Attempted>,
  settleSoon: (attempt: Settling) => Promise<Settled>,
): Promise<void> {
  try {
    const attempted = await handled;
    const { settlement } = attempted;
    const written = await settleSoon({ job, ...attempted });
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
