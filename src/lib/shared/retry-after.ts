/**
 * A `Retry-After` header in milliseconds from `now` (RFC 9110, section 10.2.3: seconds or a date). Null if it is absent or invalid.
 * `now` should be the sender's own time from its `Date` header if present, because a date in `Retry-After` refers to that clock.
 */
export function retryAfterMs(header: string | null, now = Date.now()): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const until = Date.parse(header) - now;
  return Number.isNaN(until) ? null : Math.max(0, until);
}
