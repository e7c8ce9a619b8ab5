import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { z } from "zod";
import { own } from "../lib/shared/own.ts";
import type { Receiver } from "./receiver.ts";
import { UserError } from "./user-error.ts";

export interface Sending {
  /** Where it went. */
  url: string;
  ms: number;
  id: string;
  timesSeen: number;
}

const recordedSchema = z.object({ id: z.string(), timesSeen: z.number() });
const refusedSchema = z.object({ error: z.object({ reason: z.string() }) });

/** What a person can do about a refusal. Others say it by their reason. */
const advice: Readonly<Record<string, string>> = {
  "signature-mismatch":
    "It was signed with another secret than the receiver has: set the same CLOUDINARY_URL here and there (`.env` or shell).",
  "timestamp-too-old": "Signed longer ago than the receiver accepts, by its clock.",
  "timestamp-ahead": "Signed in the future by the receiver's clock.",
  "not-configured": "The receiver lacks its variables; its log names them.",
  database: "Its database cannot be reached, or has no tables: run `netlify database migrations apply`.",
  preview: "Deploy previews refuse notifications.",
};

export interface Posting {
  /** Of the hook, such as `/webhooks/eager`. */
  path: string;
  body: Uint8Array;
  /** `sha1` unless told. */
  algorithm?: "sha1" | "sha256";
  /** Unix seconds, as text: a wrong one can be tried, too. Now unless told. */
  timestamp?: string | undefined;
}

const now = (): string => String(Math.floor(Date.now() / 1_000));

/**
 * Signs a body as Cloudinary does and posts it, once. Throws `UserError` unless the receiver recorded it. Not by the SDK's
 * `webhook_signature`: it takes text, and a body may be any bytes.
 */
export async function postSigned(
  receiver: Receiver,
  { path, body, algorithm = "sha1", timestamp = now() }: Posting,
): Promise<Sending> {
  const url = `${receiver.url}${path}`;
  const signature = createHash(algorithm).update(body).update(`${timestamp}${receiver.secret}`).digest("hex");
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: {
      // `netlify dev` reads JSON as text and spoils bytes that are none (test/dev.test.ts).
      "content-type": isUtf8(body) ? "application/json" : "application/octet-stream",
      "user-agent": "cloudinary-webhooks",
      "x-cld-timestamp": timestamp,
      "x-cld-signature": signature,
    },
    body: Uint8Array.from(body),
    redirect: "manual",
    signal: AbortSignal.timeout(30_000),
  }).catch((cause: unknown) => {
    throw new UserError(
      `Nothing answers at ${receiver.url}. Is it running? \`npm start\` starts it here.`,
      1,
      { cause },
    );
  });
  const text = await response.text();
  const ms = Math.round(performance.now() - startedAt);
  const recorded = recordedSchema.safeParse(jsonOf(text));
  if (response.status === 200 && recorded.success) return { url, ms, ...recorded.data };
  throw new UserError(refusal(response.status, text, url));
}

function refusal(status: number, text: string, url: string): string {
  const refused = refusedSchema.safeParse(jsonOf(text));
  if (!refused.success) {
    return `${url} answered ${status}, and not as the receiver does. Is the address right? A private Netlify project answers 401 to everybody.`;
  }
  const { reason } = refused.data.error;
  const hint = own(advice, reason);
  return `Refused: ${status} ${reason}.${hint === undefined ? "" : ` ${hint}`}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not ours; the caller says so.
  }
}
