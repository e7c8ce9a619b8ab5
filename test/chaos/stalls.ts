import type { Journal } from "./journal.ts";

const everyMs = 200;
const stallMs = 500;

/**
 * Notes when the machine gives this process no time for half a second or more: the emulators answer as late, and the functions are no
 * better off. Such a run checks less, and a mail may be put on hold without a fault of the run. Returns how to end it, and the sum of
 * those that ended in a time.
 */
export function noteStalls(journal: Journal): {
  end: () => void;
  totalMs: (from?: number, to?: number) => number;
} {
  let at = performance.now();
  const stalls: { endedAt: number; ms: number }[] = [];
  const timer = setInterval(() => {
    const lateMs = Math.round(performance.now() - at - everyMs);
    at = performance.now();
    if (lateMs < stallMs) return;
    stalls.push({ endedAt: Date.now(), ms: lateMs });
    journal.note("", `stalled for ${lateMs} ms`);
  }, everyMs);
  return {
    end: () => clearInterval(timer),
    totalMs: (from = 0, to = Number.POSITIVE_INFINITY) =>
      stalls.filter(({ endedAt }) => endedAt >= from && endedAt <= to).reduce((sum, { ms }) => sum + ms, 0),
  };
}
