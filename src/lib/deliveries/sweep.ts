import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { addUpMetrics } from "../metrics/totals.ts";
import { log } from "../shared/log.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import { earliestDue } from "./earliest-due.ts";
import { heartbeat } from "./heartbeat.ts";
import { forgetOld } from "./retention.ts";
import { settleConfirmed } from "./settle-confirmed.ts";
import { releaseFirsts } from "./wait-for-turn.ts";
import type { WakeUps } from "./wake-up.ts";

export interface SweepOptions {
  db: Db;
  /** null if the database never sleeps, so that each sweep queries it. */
  wakeUps: WakeUps | null;
  now: Date;
  /** The platform ends the function after this time. */
  budgetMs: number;
  retention: Settings["retention"];
  /** Fetches notifications by polling; returns the number that were stored. */
  drain: () => Promise<number>;
  /** Delivers for as long as the function may still run. */
  deliver: (budgetMs: number) => Promise<number>;
  /** Reads assets from Cloudinary of which no picture is known, or whose approval is not confirmed; returns the number that were recorded. */
  read: () => Promise<number>;
  /** Continues interrupted erasures; returns the number of erased notifications. */
  erase: () => Promise<number>;
  /** Reports what began or ended to be wrong; returns when it has to run again, null if nothing is open. */
  alert: () => Promise<Date | null>;
  /** Adds notifications to the search; returns their number. */
  search: () => Promise<number>;
  nudge: () => Promise<unknown>;
}

export type Swept =
  | { looked: false }
  | {
      looked: true;
      polled: number;
      attempts: number;
      read: number;
      erased: number;
      forgotten: number;
      searchable: number;
      left: boolean;
    };

/** For retention, if deliveries leave as much: what ten million notifications a month need is a fraction of it. */
const retentionMs = 3_000;

/** The scheduled pass over retries, expired leases and deliveries whose nudge was lost. */
export async function sweep(options: SweepOptions): Promise<Swept> {
  const { db, wakeUps, now } = options;
  const elapsedMs = stopwatch();
  // Polls Cloudinary; a sleeping database is woken only if there are messages.
  const polled = await options.drain();
  const keys = wakeUps ? await wakeUps.due(now) : null;
  if (keys?.length === 0 && polled === 0 && !isUnconditional(now)) return { looked: false };

  await releaseFirsts(db);
  const attempts = await options.deliver(options.budgetMs - elapsedMs());
  await settleConfirmed(db);
  const read = await options.read();
  const erased = await options.erase();
  const forgotten = await forgetOld(
    db,
    options.retention,
    Math.min(retentionMs, options.budgetMs - elapsedMs()),
  );
  const searchable = await options.search();
  await heartbeat(db, "sweep");
  await addUpMetrics(db);
  const alerting = await options.alert();
  const next = await earliestDue(db);
  const left = next !== null && next.getTime() <= Date.now();
  if (left) await options.nudge();
  for (const at of [next, alerting]) if (wakeUps && at) await wakeUps.schedule(at);
  if (wakeUps && keys && !left) await wakeUps.clear(keys);
  const swept = { looked: true, polled, attempts, read, erased, forgotten, searchable, left } as const;
  log("info", "swept", swept);
  return swept;
}

/** Every six hours, in the minutes of `reconcile`, so that a sleeping database is woken only once for both. */
function isUnconditional(now: Date): boolean {
  return now.getUTCHours() % 6 === 0 && now.getUTCMinutes() < 5;
}
