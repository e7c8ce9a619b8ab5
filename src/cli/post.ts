import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { z } from "zod";
import { own } from "../lib/shared/own.ts";
import { notTheReceiver, type Receiver, unreachable } from "./receiver.ts";
import { UserError } from "./user-error.ts";

export interface Sending {
  /** The URL of the hook. */
  url: string;
  ms: number;
  id: string;
  timesSeen: number;
}

const recordedSchema = z.object({ id: z.string(), timesSeen: z.number() });
const refusedSchema = z.object({ error: z.object({ reason: z.string() }) });

/** How to fix a rejection. The other reasons need no explanation. */
const advice: Readonly<Record<string, string>> = {
  "signature-mismatch":
    "The receiver has a different secret. Set the same CLOUDINARY_WEBHOOK_SECRETS or CLOUDINARY_URL here, in the shell or in .env.",
  "timestamp-too-old": "The signature is older than the receiver accepts; compare the clocks.",
  "timestamp-ahead": "The signature is later than the receiver's clock; compare the clocks.",
  "not-configured": "Environment variables of the receiver are missing or invalid; its log names them.",
  database: "The receiver cannot reach its database, or the tables are missing: run `npm run migrate`.",
  preview: "Deploy previews accept no notifications.",
};

export interface Posting {
  /** The path of the hook, such as `/webhooks/eager`. */
  path: string;
  body: Uint8Array;
  /** Default: `sha1`. */
  algorithm?: "sha1" | "sha256";
  /** Unix seconds as text, so that invalid values can be tested. Default: now. */
  timestamp?: string | undefined;
  /** Sent in place of the body that was signed, so that the signature does not match. */
  tampered?: Uint8Array | undefined;
}

const now = (): string => String(Math.floor(Date.now() / 1_000));

/** Signs a body like Cloudinary and posts it once. Throws `UserError` unless the receiver recorded it. */
export async function postSigned(receiver: Receiver, posting: Posting): Promise<Sending> {
  const { url, ms, status, text } = await post(receiver, posting);
  const recorded = recordedSchema.safeParse(jsonOf(text));
  if (status === 200 && recorded.success) return { url, ms, ...recorded.data };
  throw new UserError(refusal(status, text, url));
}

/** A request that the receiver rejected. */
export interface Refused {
  url: string;
  ms: number;
  status: number;
  reason: string;
}

/** The same for a request that must be rejected. Throws `UserError` if the receiver recorded it, or is none. */
export async function postRejected(receiver: Receiver, posting: Posting): Promise<Refused> {
  const { url, ms, status, text } = await post(receiver, posting);
  const refused = refusedSchema.safeParse(jsonOf(text));
  if (status !== 200 && refused.success) return { url, ms, status, reason: refused.data.error.reason };
  throw new UserError(
    status === 200
      ? `${url} recorded this notification, but should have rejected it.`
      : notTheReceiver(url, status),
  );
}

/** Does not use the SDK's `webhook_signature`, which only accepts text: a body can be binary. */
async function post(
  receiver: Receiver,
  { path, body, algorithm = "sha1", timestamp = now(), tampered = body }: Posting,
): Promise<{ url: string; ms: number; status: number; text: string }> {
  const url = `${receiver.url}${path}`;
  const signature = createHash(algorithm).update(body).update(`${timestamp}${receiver.secret}`).digest("hex");
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: {
      // `netlify dev` reads JSON as text, which corrupts binary data (test/dev.test.ts).
      "content-type": isUtf8(body) ? "application/json" : "application/octet-stream",
      "user-agent": "cloudinary-webhooks",
      "x-cld-timestamp": timestamp,
      "x-cld-signature": signature,
    },
    body: Uint8Array.from(tampered),
    redirect: "manual",
    signal: AbortSignal.timeout(30_000),
  }).catch((cause: unknown) => {
    throw new UserError(unreachable(receiver), 1, { cause });
  });
  const text = await response.text();
  return { url, ms: Math.round(performance.now() - startedAt), status: response.status, text };
}

function refusal(status: number, text: string, url: string): string {
  const refused = refusedSchema.safeParse(jsonOf(text));
  if (!refused.success) {
    return notTheReceiver(url, status);
  }
  const { reason } = refused.data.error;
  const hint = own(advice, reason);
  return `Rejected: ${status} ${reason}.${hint === undefined ? "" : ` ${hint}`}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not a response of the receiver; the caller reports it.
  }
}
