import { afterEach, expect, it, vi } from "vitest";
import { budget } from "../../../src/lib/reconcile/budget.ts";

afterEach(() => vi.useRealTimers());

it("is over in time although the clock is set back", () => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  const limits = budget({ keepShare: 0.5, budgetMs: 18_000 });
  vi.advanceTimersByTime(10_000);
  vi.setSystemTime(Date.now() - 3_600_000);
  expect(limits.over()).toBeNull();
  vi.advanceTimersByTime(8_000);
  expect(limits.over()).toBe("time");
});
