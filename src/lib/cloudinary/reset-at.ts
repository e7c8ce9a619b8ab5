import { retryAfterMs } from "../shared/retry-after.ts";

/**
 * When calls are allowed again, if the answer says so. `Retry-After` has priority, because it applies to this call. The reset time is
 * in every answer, so it counts only if a limit was reached.
 */
export function resetAt(status: number | null, header: (name: string) => string | null): Date | null {
  const sentAt = Date.parse(header("date") ?? "");
  const waitMs = retryAfterMs(header("retry-after"), Number.isNaN(sentAt) ? Date.now() : sentAt);
  if (waitMs !== null) return new Date(Date.now() + waitMs);
  if (status !== 420 && status !== 429) return null;
  const reset = new Date(header("x-featureratelimit-reset") ?? "");
  return Number.isNaN(reset.getTime()) ? null : reset;
}
