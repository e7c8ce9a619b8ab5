import type { AssetPage } from "../cloudinary/api.ts";
import { stopwatch } from "../shared/stopwatch.ts";

/** The maximum number of calls if Cloudinary does not report its rate limit. */
const maxBlindCalls = 20;

export interface Budget {
  /** The number of Admin API calls made. */
  calls(): number;
  /** Reads the remaining rate limit from a response. */
  spent(page: AssetPage): void;
  /** null: continue. */
  over(): "budget" | "time" | null;
}

/** Leaves a share of the hourly Admin API limit to other users of the API, and stops before the platform ends the function. */
export function budget(limits: { keepShare: number; budgetMs: number }): Budget {
  const elapsedMs = stopwatch();
  let calls = 0;
  let spare: number | null = null;
  return {
    calls: () => calls,
    spent({ rate_limit_allowed: allowed, rate_limit_remaining: remaining }) {
      calls += 1;
      spare =
        allowed === undefined || remaining === undefined ? null : remaining - allowed * limits.keepShare;
    },
    over() {
      if (elapsedMs() >= limits.budgetMs) return "time";
      if (calls === 0) return null; // The remaining limit is known only after a response.
      return (spare === null ? calls >= maxBlindCalls : spare < 1) ? "budget" : null;
    },
  };
}
