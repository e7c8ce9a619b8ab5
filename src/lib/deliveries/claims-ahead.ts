import { stopwatch } from "../shared/stopwatch.ts";
import type { Job } from "./claim.ts";

/** Deliveries are claimed for this time ahead, at the pace at which they ended lately. */
const aheadMs = 250;
/** At most this many in one claim, because a crash interrupts all that are claimed, which can be a quarter more. */
const most = 200;
/** Their bodies are in memory. */
const mostBytes = 16_000_000;
/** Longer than this, a claimed delivery does not wait behind long ones: it is given back, so that another worker can take it. */
const staleMs = 2_000;

/** The deliveries that a worker has claimed and not begun: fast ones are claimed many at a time, and slow ones as they are needed. */
export interface ClaimsAhead {
  readonly size: number;
  add(jobs: readonly Job[]): void;
  /** The next ones, up to `free`. */
  take(free: number): Job[];
  /** All of them, if they have waited for too long. */
  takeStale(): Job[];
  takeAll(): Job[];
  /** A delivery has ended. */
  ended(): void;
  /** How many to claim now; 0 if enough are waiting. */
  wanted(free: number): number;
}

export function claimsAhead(): ClaimsAhead {
  let waiting: Job[] = [];
  let waitingMs = stopwatch();
  let largest = 1;
  const pace = paceOf();

  const takeAll = () => waiting.splice(0);
  return {
    get size() {
      return waiting.length;
    },
    add(jobs) {
      if (waiting.length === 0) waitingMs = stopwatch();
      waiting = [...waiting, ...jobs];
      largest = Math.max(1, ...jobs.map(({ body }) => body.length));
    },
    take: (free) => waiting.splice(0, Math.max(0, free)),
    takeStale: () => (waiting.length > 0 && waitingMs() > staleMs ? takeAll() : []),
    takeAll,
    ended: pace.count,
    wanted(free) {
      const ahead = Math.min(most, pace.lately(), Math.floor(mostBytes / largest));
      // Late, so that each claim is a large one: it costs the database as much as many rows of it.
      return waiting.length > ahead / 4 ? 0 : free + ahead;
    },
  };
}

/** Counts in windows of `aheadMs`. */
function paceOf() {
  let elapsedMs = stopwatch();
  let [before, current] = [0, 0];
  const turn = () => {
    const ms = elapsedMs();
    if (ms < aheadMs) return;
    [before, current] = [ms < 2 * aheadMs ? current : 0, 0];
    elapsedMs = stopwatch();
  };
  return {
    count(): void {
      turn();
      current += 1;
    },
    /** How many there were in the last whole window, or are in this one. */
    lately(): number {
      turn();
      return Math.max(before, current);
    },
  };
}
