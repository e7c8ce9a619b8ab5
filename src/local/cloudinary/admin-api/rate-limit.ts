import { ApiError } from "../api-error.ts";

const hourMs = 3_600_000;

/** The Admin API's rate limit: calls per hour, counted from the full hour. */
export function rateLimit(options: { allowed: number; now: () => number }) {
  let allowed = options.allowed;
  let used = 0;
  let resetAt = 0;

  const renew = (): void => {
    if (options.now() < resetAt) return;
    used = 0;
    resetAt = (Math.floor(options.now() / hourMs) + 1) * hourMs;
  };
  const headers = (): Record<string, string> => ({
    "X-FeatureRateLimit-Limit": String(allowed),
    "X-FeatureRateLimit-Remaining": String(Math.max(0, allowed - used)),
    "X-FeatureRateLimit-Reset": new Date(resetAt).toUTCString(),
  });

  return {
    headers,
    /** Counts one call. Throws the API's error when the limit is reached. */
    spend(): void {
      renew();
      used += 1;
      if (used > allowed) {
        const again = new Date(resetAt)
          .toISOString()
          .replace("T", " ")
          .replace(/\.\d+Z/, " UTC");
        throw new ApiError(
          420,
          `Rate Limit Exceeded. Limit of ${allowed} api operations reached. Try again on ${again}`,
        );
      }
    },
    /** Lets tests set how many calls are left. */
    set(values: { allowed?: number | undefined; remaining?: number | undefined }): void {
      renew();
      allowed = values.allowed ?? allowed;
      used = allowed - (values.remaining ?? allowed - used);
    },
  };
}
