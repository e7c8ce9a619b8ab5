import { expect, it } from "vitest";
import { CronUnreadable, isDue } from "../../../src/local/stack/cron.ts";

// 23 November 2026 is a Monday, the 29th a Sunday.
it.each([
  ["*/5 * * * *", "2026-11-23T12:35:00Z", true],
  ["*/5 * * * *", "2026-11-23T12:36:00Z", false],
  ["0 */6 * * *", "2026-11-23T18:00:00Z", true],
  ["0 */6 * * *", "2026-11-23T18:05:00Z", false],
  ["0 */6 * * *", "2026-11-23T19:00:00Z", false],
  ["15,45 9-17 * * 1-5", "2026-11-23T17:45:00Z", true],
  ["15,45 9-17 * * 1-5", "2026-11-23T18:45:00Z", false],
  ["15,45 9-17 * * 1-5", "2026-11-29T12:45:00Z", false],
  ["0 0 1 1 *", "2027-01-01T00:00:00Z", true],
  ["0 0 1 1 *", "2027-02-01T00:00:00Z", false],
  ["30 2 * * 7", "2026-11-29T02:30:00Z", true],
  ["30 2 * * 0", "2026-11-29T02:30:00Z", true],
  ["30 2 * * 7", "2026-11-23T02:30:00Z", false],
  // Two restricted days mean either of them.
  ["0 8 1 * 1", "2026-11-23T08:00:00Z", true],
  ["0 8 1 * 1", "2026-12-01T08:00:00Z", true],
  ["0 8 1 * 1", "2026-11-24T08:00:00Z", false],
  ["10-30/10 * * * *", "2026-11-23T00:20:00Z", true],
  ["10-30/10 * * * *", "2026-11-23T00:40:00Z", false],
  ["*/5 * * * *", "2026-11-23T12:35:59.999Z", true],
  ["@hourly", "2026-11-23T13:00:00Z", true],
  ["@hourly", "2026-11-23T13:01:00Z", false],
])("%s at %s: %s", (cron, at, due) => {
  expect(isDue(cron, new Date(at))).toBe(due);
});

it.each(["@often", "* * * *", "* * * * * *", "60 * * * *", "5-1 * * * *", "x * * * *", "*/0 * * * *"])(
  "does not guess at %s",
  (cron) => {
    expect(() => isDue(cron, new Date("2026-11-23T12:35:00Z"))).toThrow(CronUnreadable);
  },
);
