import type { Settings } from "../../settings.types.ts";

export interface Backoff {
  /** The number of attempts, including the failed one, without waits. */
  tries: number;
  /** The delay that the other service requested (Retry-After); limited by a setting. */
  afterMs?: number | undefined;
  /** From 0 to 1. */
  random: number;
}

/** The delay until the next attempt; null if no attempts are left and the delivery is dead. */
export function nextDelayMs(
  { tries, afterMs, random }: Backoff,
  settings: Settings["deliver"],
): number | null {
  const scheduled = settings.retryDelaysMs[tries];
  if (scheduled === undefined) return null;
  if (afterMs !== undefined) {
    const asked = Math.min(Math.max(afterMs, 1_000), settings.maxRetryAfterMs);
    return Math.round(asked * (1 + settings.jitter * random)); // Never earlier than requested.
  }
  return Math.round(scheduled * (1 + settings.jitter * (2 * random - 1)));
}
