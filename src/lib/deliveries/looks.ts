import { setTimeout as sleep } from "node:timers/promises";
import { stopwatch } from "../shared/stopwatch.ts";
import { leavingMs, type Presence, stayMs } from "./presence.ts";

/** When a worker looks for deliveries again, and when it ends. */
export interface Looks {
  /** Between two looks of a worker that has room beside running deliveries. */
  pauseMs: number;
  /** After a look, while deliveries run. `hasRoom`: the worker takes more of them; `isLast`: its time is nearly up. */
  busy(load: { hasRoom: boolean; isLast: boolean }): Promise<void>;
  /** After a look that found nothing, with nothing running: waits and returns whether to look again. */
  again(isLast: boolean): Promise<boolean>;
  end(): Promise<void>;
}

/** Ends after the second empty look. */
export function looksUntilEmpty(secondLookMs = 2_000): Looks {
  let isEmpty = false;
  return {
    pauseMs: 1_000,
    async busy() {
      isEmpty = false;
    },
    async again() {
      if (isEmpty) return false;
      isEmpty = true;
      await sleep(secondLookMs);
      return true;
    },
    async end() {},
  };
}

const pauseMs = 500;

/**
 * A worker on which hooks rely: it stays for a while when it is idle, unless it is a spare one, and looks once more after it left.
 * It leaves before its time is up, while it still looks.
 */
export function presentLooks(presence: Presence): Looks {
  let idleMs: (() => number) | null = null;
  let leftMs: (() => number) | null = null;

  const leave = async () => {
    if (leftMs !== null) return;
    await presence.leave();
    leftMs = stopwatch();
  };

  return {
    pauseMs,
    async busy({ hasRoom, isLast }) {
      idleMs = null;
      if (isLast) return await leave();
      leftMs = null;
      presence.stay({ hasRoom });
    },
    async again(isLast) {
      idleMs ??= stopwatch();
      if (leftMs !== null && leftMs() > leavingMs) return false;
      if (isLast || presence.isSpare() || idleMs() > stayMs) await leave();
      if (leftMs === null) presence.stay({ hasRoom: true });
      await sleep(leftMs === null ? pauseMs : leavingMs / 2 + 25);
      return true;
    },
    end: leave,
  };
}
