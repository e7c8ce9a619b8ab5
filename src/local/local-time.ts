/** An instant in the time zone of this machine, where the browser is as well: `2026-01-02 04:04:05 CET`. */
export const localTime = (instant: string): string => new Date(instant).toLocaleString("sv-SE", format);

const format = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
} as const;
