import { Webhook } from "standardwebhooks";
import { errorText } from "../shared/log.ts";
import { AddressRefused, type Answer, send } from "./request.ts";

export interface WebhookTarget {
  url: string;
  /** `whsec_...`; every secret signs, so that they can be rotated. */
  secrets: readonly string[];
  /** Allows loopback, private networks and http, for local use. */
  allowPrivate: boolean;
}

export interface SignedMessage {
  /** The same at every attempt: the receiver recognises a repetition by it. */
  id: string;
  /** JSON. */
  body: string;
  signal: AbortSignal;
}

export type Posted =
  | { kind: "answered"; answer: Answer }
  /** The configuration or the address is wrong. */
  | { kind: "refused"; error: string }
  | { kind: "not-reached"; error: string };

const timeoutMs = 15_000;
/** Of a response, for the error message. */
const maxTextLength = 2_000;

/** Posts a message, signed according to standardwebhooks.com. Never rejects. */
export async function postSigned(
  target: WebhookTarget,
  { id, body, signal }: SignedMessage,
): Promise<Posted> {
  const sentAt = new Date();
  const signatures = target.secrets.map((secret) => sign(secret, id, sentAt, body));
  if (!URL.canParse(target.url) || signatures.length === 0 || signatures.includes(null))
    return { kind: "refused", error: "a URL is required, and secrets in the form whsec_<base64>" };
  try {
    const answer = await send({
      method: "POST",
      url: new URL(target.url),
      body,
      maxTextLength,
      allowPrivate: target.allowPrivate,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        "content-type": "application/json",
        "user-agent": "cloudinary-webhooks",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1_000)),
        "webhook-signature": signatures.join(" "),
      },
    });
    return { kind: "answered", answer };
  } catch (error) {
    return { kind: error instanceof AddressRefused ? "refused" : "not-reached", error: errorText(error) };
  }
}

/** null if the secret is invalid. */
function sign(secret: string, id: string, at: Date, body: string): string | null {
  try {
    return new Webhook(secret).sign(id, at, body);
  } catch {
    return null;
  }
}
