import type { AssetPage } from "../cloudinary/api.ts";

/** Without word from Cloudinary on its allowance, no more calls than this. */
const maxBlindCalls = 20;

export interface Budget {
  /** How many Admin API calls were made. */
  calls(): number;
  /** Reads off an answer what is left for others. */
  spent(page: AssetPage): void;
  /** null: go on. */
  over(): "budget" | "time" | null;
}

/** Leaves others a share of the hour's Admin API allowance, and stops before the platform does. */
export function budget(limits: { keepShare: number; budgetMs: number }): Budget {
  const endsAt = Date.now() + limits.budgetMs;
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
      if (Date.now() >= endsAt) return "time";
      if (calls === 0) return null; // Only an answer tells what is left.
      return (spare === null ? calls >= maxBlindCalls : spare < 1) ? "budget" : null;
    },
  };
}
