import type { Outcome, RefusalReason } from "./outcome.ts";

/** The status of each reason; reasons that are not listed concern the signature and get 401. */
const refusedStatus: Partial<Record<RefusalReason, number>> = {
  "method-not-allowed": 405,
  "body-too-large": 413,
  "body-unreadable": 400,
  "body-timeout": 408,
};

/**
 * Cloudinary accepts only 200 as success and retries three times after any other status. Requests that can be stored later therefore
 * get 503, and those that never can be stored get 4xx.
 */
export function respond(outcome: Outcome): Response {
  switch (outcome.kind) {
    case "recorded":
      return json(200, { id: outcome.id, timesSeen: outcome.timesSeen });
    case "refused": {
      const allow: Record<string, string> = outcome.reason === "method-not-allowed" ? { allow: "POST" } : {};
      return failure(refusedStatus[outcome.reason] ?? 401, outcome.reason, allow);
    }
    case "unavailable":
      return failure(503, outcome.reason);
    case "not-configured":
      return failure(500, "not-configured");
    default:
      return outcome satisfies never;
  }
}

/** The answer of a function that is disabled: 503 in a preview, 500 without its essential variables. */
export function closed(reason: "preview" | "not-configured"): Outcome {
  return reason === "preview" ? { kind: "unavailable", reason } : { kind: reason };
}

export function failure(status: number, reason: string, headers: Record<string, string> = {}): Response {
  return json(status, { error: { reason } }, headers);
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}
