import { postSigned, type WebhookTarget } from "../lib/outgoing/signed-webhook.ts";
import type { AlertChannel, AlertMessage, Sent } from "./channel.ts";

/** Posts alerts to ALERT_WEBHOOK_URL, signed according to standardwebhooks.com. */
export function webhookChannel(target: WebhookTarget): AlertChannel {
  return {
    name: "webhook",
    // The receiver recognises a repetition by `webhook-id`.
    repeatable: true,
    async send(message, signal): Promise<Sent> {
      const posted = await postSigned(target, { id: message.id, body: bodyOf(message), signal });
      switch (posted.kind) {
        case "refused":
          return { kind: "failed", error: `ALERT_WEBHOOK: ${posted.error}`, final: true };
        case "not-reached":
          return { kind: "failed", error: posted.error, final: false };
        case "answered":
          return sentOf(posted.answer.status);
        default:
          return posted satisfies never;
      }
    },
  };
}

function bodyOf({ createdAt, changes }: AlertMessage): string {
  const alerts = changes.map(({ cause, kind, active, what, why, fix, beganAt, endedAt }) => ({
    cause,
    kind,
    state: active ? "active" : "resolved",
    what,
    why,
    fix,
    began_at: new Date(beganAt).toISOString(),
    ended_at: endedAt === null ? null : new Date(endedAt).toISOString(),
  }));
  return JSON.stringify({ type: "alerts.changed", timestamp: createdAt.toISOString(), data: { alerts } });
}

function sentOf(status: number): Sent {
  if (status >= 200 && status < 300) return { kind: "sent" };
  const error = `the receiver of alerts answered ${status}`;
  // A redirect or a rejection is the receiver's last word; the next message tries again.
  const final = status >= 300 && status < 500 && ![408, 425, 429].includes(status);
  return { kind: "failed", error, final };
}
