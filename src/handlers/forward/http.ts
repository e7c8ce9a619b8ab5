import { postSigned, type WebhookTarget } from "../../lib/outgoing/signed-webhook.ts";
import { retryAfterMs } from "../../lib/shared/retry-after.ts";
import type { Send } from "./target.ts";

/** Posts each message, signed according to standardwebhooks.com; `webhook-id` is the delivery. */
export function httpTarget(target: WebhookTarget): Send {
  return async ({ id, body, signal }) => {
    const posted = await postSigned(target, { id, body, signal });
    switch (posted.kind) {
      case "refused":
        return { kind: "misconfigured", error: posted.error };
      case "not-reached":
        return { kind: "try-again", error: posted.error };
      case "answered": {
        const { status, retryAfter } = posted.answer;
        if (status >= 200 && status < 300) return { kind: "sent", result: { status } };
        const error = `the target answered ${status}`;
        if ([401, 403, 404, 410].includes(status) || status < 400) return { kind: "misconfigured", error };
        if (status < 500 && ![408, 425, 429].includes(status)) return { kind: "refused", error };
        const afterMs = retryAfterMs(retryAfter);
        return { kind: "try-again", error, ...(afterMs !== null && { afterMs }) };
      }
      default:
        return posted satisfies never;
    }
  };
}
