import { describe, expect, it } from "vitest";
import { nextDelayMs } from "../../../src/lib/deliveries/backoff.ts";
import { settings } from "../../../src/settings.ts";

const { deliver } = settings;
const minute = 60_000;

describe("P2 the delay before the next attempt", () => {
  it.each([
    [1, 30_000],
    [2, 5 * minute],
    [3, 30 * minute],
    [4, 120 * minute],
    [5, 360 * minute],
    [6, 720 * minute],
    [7, 1_440 * minute],
    [8, null],
  ])("after %i tries is %s ms", (tries, delay) => {
    expect(nextDelayMs({ tries, random: 0.5 }, deliver)).toBe(delay);
  });

  it("varies by at most a fifth in both directions", () => {
    expect(nextDelayMs({ tries: 1, random: 0 }, deliver)).toBe(24_000);
    expect(nextDelayMs({ tries: 1, random: 1 }, deliver)).toBe(36_000);
  });
});

describe("P1 Retry-After", () => {
  it.each([
    ["is honoured", 45_000, 45_000],
    ["of nothing is a second", 0, 1_000],
    ["in the past is a second", -5_000, 1_000],
    ["that is absurd is a day", 1e12, 86_400_000],
  ])("%s", (_name, afterMs, expected) => {
    expect(nextDelayMs({ tries: 1, afterMs, random: 0 }, deliver)).toBe(expected);
  });

  it("is never shortened by jitter, and does not extend the schedule", () => {
    expect(nextDelayMs({ tries: 1, afterMs: 45_000, random: 1 }, deliver)).toBe(54_000);
    expect(nextDelayMs({ tries: 8, afterMs: 45_000, random: 0 }, deliver)).toBeNull();
  });
});
