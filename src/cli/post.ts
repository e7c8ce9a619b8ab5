import { v2 as cloudinary } from "cloudinary";
import { z } from "zod";
import { CliProblem } from "./problem.ts";
import type { Receiver } from "./receiver.ts";

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
  "timestamp-too-old": "The clock of this machine is behind the receiver's.",
  "timestamp-ahead": "The clock of this machine is ahead of the receiver's.",
  "not-configured": "The receiver lacks its variables; its log names them.",
  database: "Its database cannot be reached, or has no tables: run `netlify database migrations apply`.",
  preview: "Deploy previews refuse notifications.",
};

/** Signs a body by Cloudinary's own SDK and posts it, once. Throws `CliProblem` unless the receiver recorded it. */
export async function postSigned(receiver: Receiver, path: string, body: string): Promise<Sending> {
  const url = `${receiver.url}${path}`;
  const timestamp = Math.floor(Date.now() / 1_000);
  const signature = cloudinary.utils.webhook_signature(body, timestamp, {
    api_secret: receiver.secret,
    signature_algorithm: "sha1",
  });
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": "cloudinary-webhooks simulate",
      "x-cld-timestamp": String(timestamp),
      "x-cld-signature": signature,
    },
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(30_000),
  }).catch((cause: unknown) => {
    throw new CliProblem(
      `Nothing answers at ${receiver.url}. Is it running? \`npm start\` starts it here.`,
      1,
      { cause },
    );
  });
  const text = await response.text();
  const ms = Math.round(performance.now() - startedAt);
  const recorded = recordedSchema.safeParse(jsonOf(text));
  if (response.status === 200 && recorded.success) return { url, ms, ...recorded.data };
  throw new CliProblem(refusal(response.status, text, url));
}

function refusal(status: number, text: string, url: string): string {
  const refused = refusedSchema.safeParse(jsonOf(text));
  if (!refused.success) {
    return `${url} answered ${status}, and not as the receiver does. Is the address right? A private Netlify project answers 401 to everybody.`;
  }
  const { reason } = refused.data.error;
  const hint = advice[reason];
  return `Refused: ${status} ${reason}.${hint === undefined ? "" : ` ${hint}`}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not ours; the caller says so.
  }
}
