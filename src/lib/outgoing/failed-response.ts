import type { Settlement } from "../deliveries/handler.ts";
import { retryAfterMs } from "../shared/retry-after.ts";

/**
 * The outcome of an attempt whose request was answered, and not with 2xx: 408, 425, 429 and 5xx are retried, after `Retry-After` if
 * the answer has it. Any other status fails permanently, because a retry would get the same answer. `service` begins the error.
 */
export function failedResponse(
  { status, headers }: Pick<Response, "status" | "headers">,
  service: string,
): Settlement {
  const error = `${service} answered ${status}`;
  if (status < 500 && ![408, 425, 429].includes(status)) return { kind: "give-up", error };
  const afterMs = retryAfterMs(headers.get("retry-after"));
  return { kind: "retry", error, ...(afterMs !== null && { afterMs }) };
}
