import type { Settings } from "../../settings.types.ts";

export interface Backoff {
  /** Tries that count, the failed one included. */
  tries: number;
  /** What the other side asked for (Retry-After); believed up to a setting. */
  afterMs?: number | undefined;
  /** From 0 to 1. */
  random: number;
}

/** How long until the next try; null: there is none, the delivery is dead. */
export function nextDelayMs(
  { tries, afterMs, random }: Backoff,
  settings: Settings["deliver"],
): number | null {
  const scheduled = settings.retryDelaysMs[tries];
  if (scheduled === undefined) return null;
  if (afterMs !== undefined) {
    const asked = Math.min(Math.max(afterMs, 1_000), settings.maxRetryAfterMs);
    return Math.round(asked * (1 + settings.jitter * random)); // Never earlier than asked.
  }
  return Math.round(scheduled * (1 + settings.jitter * (2 * random - 1)));
}
