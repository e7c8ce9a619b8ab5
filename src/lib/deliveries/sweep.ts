import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { log } from "../shared/log.ts";
import { earliestDue } from "./earliest-due.ts";
import { forgetOld } from "./retention.ts";
import type { WakeUps } from "./wake-up.ts";

export interface SweepOptions {
  db: Db;
  /** null: the database never sleeps, so each sweep looks. */
  wakeUps: WakeUps | null;
  now: Date;
  retention: Settings["retention"];
  /** Fetches what waits to be polled; returns how many notifications are stored by it. */
  drain: () => Promise<number>;
  /** Delivers for as long as a scheduled function may. */
  deliver: () => Promise<number>;
  /** Goes on with erasures that were broken off; returns how many notifications it erased. */
  erase: () => Promise<number>;
  nudge: () => Promise<unknown>;
}

export type Swept =
  | { looked: false }
  | { looked: true; polled: number; attempts: number; erased: number; forgotten: number; left: boolean };

/** The scheduled pass: picks up retries, leases that ran out and nudges that were lost. */
export async function sweep(options: SweepOptions): Promise<Swept> {
  const { db, wakeUps, now } = options;
  // Asks Cloudinary: a sleeping database is woken only if something came.
  const polled = await options.drain();
  const keys = wakeUps ? await wakeUps.due(now) : null;
  if (keys?.length === 0 && polled === 0 && !isUnconditional(now)) return { looked: false };

  const attempts = await options.deliver();
  const erased = await options.erase();
  const forgotten = await forgetOld(db, options.retention);
  await db.query(
    "insert into heartbeats (name) values ('sweep') on conflict (name) do update set at = now()",
  );
  const next = await earliestDue(db);
  const left = next !== null && next.getTime() <= Date.now();
  if (left) await options.nudge();
  if (wakeUps && next) await wakeUps.schedule(next);
  if (wakeUps && keys && !left) await wakeUps.clear(keys);
  const swept = { looked: true, polled, attempts, erased, forgotten, left } as const;
  log("info", "swept", swept);
  return swept;
}

/** Every six hours, in the minutes of `reconcile`, so that a sleeping database is woken once for both. */
function isUnconditional(now: Date): boolean {
  return now.getUTCHours() % 6 === 0 && now.getUTCMinutes() < 5;
}
