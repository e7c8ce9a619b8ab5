import { createPrivateKey, randomBytes, sign } from "node:crypto";
import type { Mail } from "./mail.ts";

export interface EventWebhook {
  url: string;
  /** Base64 of an EC private key (DER, PKCS 8). */
  privateKey: string;
}

/** One entry of the request: custom arguments are members beside SendGrid's own. */
export interface SentEvent {
  email: string;
  /** Seconds. */
  timestamp: number;
  event: string;
  sg_event_id: string;
  sg_message_id: string;
  reason?: string;
  [customArgument: string]: string | number | undefined;
}

/**
 * What becomes of a mail, by the local part of the address, as SendGrid's documentation has no test addresses of its own: `bounce…` bounces,
 * `drop…` is suppressed, `spam…` is delivered and reported; every other is delivered.
 */
export function eventsOf(mail: Mail, { messageId, at }: { messageId: string; at: number }): SentEvent[] {
  return mail.personalizations.flatMap(({ to, custom_args: own }) =>
    to.flatMap(({ email }) =>
      fateOf(email).map(({ event, reason }) => ({
        ...mail.custom_args,
        ...own,
        email,
        timestamp: Math.floor(at / 1_000),
        event,
        sg_event_id: randomBytes(16).toString("base64url"),
        sg_message_id: `${messageId}.recvd-local`,
        ...(reason !== undefined && { reason }),
      })),
    ),
  );
}

function fateOf(email: string): { event: string; reason?: string }[] {
  if (email.startsWith("drop")) return [{ event: "dropped", reason: "Bounced Address" }];
  if (email.startsWith("bounce"))
    return [
      { event: "processed" },
      { event: "bounce", reason: "550 5.1.1 The email account that you tried to reach does not exist" },
    ];
  return [
    { event: "processed" },
    { event: "delivered" },
    ...(email.startsWith("spam") ? [{ event: "spamreport" }] : []),
  ];
}

/** Posts events as SendGrid does: signed with ECDSA over timestamp and body. Failed requests are not repeated. */
export function eventSender({ url, privateKey }: EventWebhook) {
  const key = createPrivateKey({ key: Buffer.from(privateKey, "base64"), format: "der", type: "pkcs8" });
  const posting = new Set<Promise<unknown>>();
  return {
    send(events: readonly SentEvent[]): void {
      if (events.length === 0) return;
      const body = JSON.stringify(events);
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const posted: Promise<unknown> = fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-twilio-email-event-webhook-timestamp": timestamp,
          "x-twilio-email-event-webhook-signature": sign(
            "sha256",
            Buffer.from(timestamp + body),
            key,
          ).toString("base64"),
        },
        body,
        signal: AbortSignal.timeout(30_000),
      })
        .then((response) => response.arrayBuffer())
        .catch(() => undefined)
        .finally(() => posting.delete(posted));
      posting.add(posted);
    },
    async idle(): Promise<void> {
      while (posting.size > 0) await Promise.all(posting);
    },
  };
}
