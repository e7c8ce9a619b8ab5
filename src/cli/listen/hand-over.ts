import { isUtf8 } from "node:buffer";
import { z } from "zod";
import type { PolledMessage } from "../../lib/cloudinary/messages.ts";
import { hookOf } from "../hooks.ts";

export type HandedOver =
  | { kind: "recorded"; id: string; timesSeen: number }
  /** Permanent: the same message gets the same response until the configuration changes. */
  | { kind: "rejected"; status: number; reason: string }
  /** Worth another try. */
  | { kind: "unavailable"; reason: string };

const recordedSchema = z.object({ id: z.string(), timesSeen: z.number() });
const refusedSchema = z.object({ error: z.object({ reason: z.string() }) });

const answerMs = 30_000;
/** Request Timeout and Too Many Requests. */
const transient = [408, 429];

/** Posts a message to the hook of its type: the bytes and headers that a webhook would have had. Never throws. */
export async function handOver(
  { body, signature, timestamp }: PolledMessage,
  { url, type }: { url: string; type: string },
): Promise<HandedOver> {
  try {
    const response = await fetch(`${url}${hookOf(type)}`, {
      method: "POST",
      headers: {
        // `netlify dev` reads JSON as text and spoils bytes that are none.
        "content-type": isUtf8(body) ? "application/json" : "application/octet-stream",
        "user-agent": "cloudinary-webhooks listen",
        "x-cld-timestamp": timestamp,
        "x-cld-signature": signature,
      },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(answerMs),
    });
    return outcomeOf(response.status, jsonOf(await response.text()));
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return { kind: "unavailable", reason: cause instanceof Error ? cause.message : "no answer" };
  }
}

function outcomeOf(status: number, json: unknown): HandedOver {
  const recorded = recordedSchema.safeParse(json);
  if (status === 200 && recorded.success) return { kind: "recorded", ...recorded.data };
  const refused = refusedSchema.safeParse(json);
  // No answer of a receiver: another program on the port, or `netlify dev` before its functions are there.
  if (!refused.success) return { kind: "unavailable", reason: `${status}, and not by a receiver` };
  const { reason } = refused.data.error;
  const isForGood = status >= 400 && status < 500 && !transient.includes(status);
  return isForGood
    ? { kind: "rejected", status, reason }
    : { kind: "unavailable", reason: `${status} ${reason}` };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Fits no schema.
  }
}
