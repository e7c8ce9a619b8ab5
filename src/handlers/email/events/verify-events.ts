import { createPublicKey, type KeyObject, verify } from "node:crypto";

export type EventsVerdict = "verified" | "signature-missing" | "signature-mismatch" | "timestamp-off";

/** SendGrid repeats a request for up to 24 hours; the timestamp is that of the signature. */
const maxAgeMs = 25 * 60 * 60_000;
const maxAheadMs = 5 * 60_000;

/** The verification key as SendGrid shows it: base64 of an ECDSA public key (DER, SPKI). null: it is none. */
export function readEventKey(text: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyType === "ec" ? key : null;
  } catch {
    return null;
  }
}

/** Verifies the signature as SendGrid's `@sendgrid/eventwebhook` does: ECDSA with SHA-256 over the timestamp and the body. */
export function verifyEvents(
  headers: Headers,
  body: Uint8Array,
  { key, now }: { key: KeyObject; now: number },
): EventsVerdict {
  const signature = headers.get("x-twilio-email-event-webhook-signature");
  const timestamp = headers.get("x-twilio-email-event-webhook-timestamp");
  if (!signature || !timestamp) return "signature-missing";
  const data = Buffer.concat([Buffer.from(timestamp), body]);
  if (!isValid(data, key, signature)) return "signature-mismatch";
  const at = Number(timestamp) * 1_000;
  return at > now - maxAgeMs && at < now + maxAheadMs ? "verified" : "timestamp-off";
}

function isValid(data: Uint8Array, key: KeyObject, signature: string): boolean {
  try {
    return verify("sha256", data, key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}
