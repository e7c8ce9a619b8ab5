import * as z from "zod";
import type { Answer as HttpAnswer } from "../../../lib/outgoing/request.ts";
import { redact } from "../../../lib/shared/redact.ts";
import { retryAfterMs } from "../../../lib/shared/retry-after.ts";
import type { Answer } from "./provider.ts";

const batch = z.object({
  data: z.array(z.object({ id: z.string() })),
  errors: z.array(z.object({ index: z.number(), message: z.string().catch("rejected") })).catch([]),
});

const refusal = z.object({ name: z.string().catch(""), message: z.string().catch("") });

/** How Resend names a wrong recipient; its other errors are about the whole mail. */
const aboutRecipient = /`to`|\bto field\b|recipient/i;

export function answerOfResend({ status, retryAfter, text }: HttpAnswer): Answer {
  const body = parsed(text);
  if (status >= 200 && status < 300) return acceptedOf(body);
  const { name = "", message = "" } = refusal.safeParse(body).data ?? {};
  const error = described(status, [name, message].filter(Boolean).join(": "));
  // A request with this key is still being processed, or was processed with another content.
  if (status === 409) return { kind: "unknown", error };
  if (status === 429 || status === 408 || status >= 500) {
    const afterMs = retryAfterMs(retryAfter);
    return { kind: "unavailable", error, ...(afterMs !== null && { afterMs }) };
  }
  return { kind: "refused", error, positions: [] };
}

function acceptedOf(body: unknown): Answer {
  const read = batch.safeParse(body);
  // The request was accepted, but its answer was cut off or replaced on the way.
  if (!read.success) return { kind: "unknown", error: "Resend's answer is unreadable" };
  const { data, errors } = read.data;
  const refused = errors.map(({ index, message }) => ({ position: index, reason: redact(message) }));
  if (data.length > 0 || errors.length === 0)
    return { kind: "accepted", messageIds: data.map(({ id }) => id), refused };
  const reasons = [...new Set(errors.map(({ message }) => message))];
  return {
    kind: "refused",
    error: described(422, reasons.join("; ")),
    positions: reasons.some((reason) => aboutRecipient.test(reason)) ? refused : [],
  };
}

function described(status: number, said: string): string {
  return redact(`Resend returned ${status}${said === "" ? "" : `: ${said}`}`).slice(0, 1_000);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
