const isoDay = /^(\d{4})-(\d\d)-(\d\d)/;
const isoInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(?:Z|[+-]\d\d:\d\d)$/;

/** Undefined for invalid times: a date that does not exist, or a year that PostgreSQL or ISO 8601 does not support. */
export function instant(wire: unknown): Date | undefined {
  if (typeof wire !== "string" || !namesRealDay(wire)) return undefined;
  const date = new Date(wire);
  const year = date.getUTCFullYear(); // NaN if the text is not a date.
  return year >= 1 && year <= 9_999 ? date : undefined;
}

/** The same, or a Unix time in seconds, as some senders of test bodies write it. */
export function instantOrUnixTime(wire: unknown): Date | undefined {
  if (typeof wire !== "number") return instant(wire);
  const date = new Date(wire * 1_000);
  return wire > 0 && date.getUTCFullYear() <= 9_999 ? date : undefined;
}

/** `instant` as text in UTC with microseconds, which a `Date` would lose. Requires an offset in the text, because times without one are ambiguous. */
export function exactInstant(wire: unknown): string | undefined {
  const date = instant(wire);
  if (date === undefined || typeof wire !== "string") return undefined;
  const [whole, fraction = ""] = isoInstant.exec(wire) ?? [];
  if (whole === undefined) return undefined;
  const seconds = date.toISOString().slice(0, "2026-01-01T00:00:00".length);
  return `${seconds}.${fraction.slice(0, 6).padEnd(3, "0")}Z`;
}

/** JavaScript reads 30 February as 1 March. */
function namesRealDay(text: string): boolean {
  const parts = isoDay.exec(text);
  if (parts === null) return true;
  const [, year, month, day] = parts.map(Number);
  if (year === undefined || month === undefined || day === undefined) return true;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
