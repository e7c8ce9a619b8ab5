import { setTimeout as sleep } from "node:timers/promises";
import type { ForwardSettings } from "../../settings.types.ts";

/** Longer than this, a delivery does not occupy a place of the worker. */
const patienceMs = 2_000;

/** Spaces the messages of one target. The limit is divided among the workers that may run at once, so that they keep it together. */
export function rateLimit(perSecond: number | undefined, maxWorkers: number) {
  const gapMs = perSecond === undefined ? 0 : (1_000 * maxWorkers) / perSecond;
  let next = 0;
  return {
    /** When to come again; null: the turn has come. */
    async turn(signal: AbortSignal): Promise<Date | null> {
      if (gapMs === 0) return null;
      const at = Math.max(Date.now(), next);
      if (at - Date.now() > patienceMs) return new Date(at);
      next = at + gapMs;
      await sleep(at - Date.now(), undefined, { signal });
      return null;
    },
  };
}

/** After failures in a row, a target gets nothing for a time, and then one message. */
export function circuitBreaker({ failures: most, openMs }: ForwardSettings["circuit"]) {
  let failures = 0;
  let openUntil = 0;
  return {
    /** When to come again; null: the circuit is closed, or this is the message that tries. */
    openUntil(): Date | null {
      if (failures < most) return null;
      if (Date.now() < openUntil) return new Date(openUntil);
      openUntil = Date.now() + openMs;
      return null;
    },
    note(succeeded: boolean): void {
      failures = succeeded ? 0 : failures + 1;
      if (failures >= most) openUntil = Date.now() + openMs;
    },
  };
}
