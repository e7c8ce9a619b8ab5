/**
 * A `Retry-After` header in milliseconds from `now` (RFC 9110, section 10.2.3: seconds or a date). Null when it is absent or
 * unreadable. `now` is the sender's own clock where its answer names it (`Date`), since a date is meant by that clock.
 */
export function retryAfterMs(header: string | null, now = Date.now()): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const until = Date.parse(header) - now;
  return Number.isNaN(until) ? null : Math.max(0, until);
}
