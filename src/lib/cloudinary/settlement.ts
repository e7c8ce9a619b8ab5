import type { Settlement } from "../deliveries/handler.ts";
import { CloudinaryError } from "./errors.ts";

const hourMs = 3_600_000;

/** How an attempt ends that Cloudinary refused. Rethrows what is not Cloudinary's. */
export function settlementOf(error: unknown): Settlement {
  if (!(error instanceof CloudinaryError)) throw error;
  const text = `Cloudinary ${error.code ?? "gave no answer"}: ${error.message}`;
  if (error.isRateLimit) return { kind: "wait", until: resetOf(error) };
  return error.isTransient ? { kind: "retry", error: text } : { kind: "give-up", error: text };
}

/** The allowance is counted by the full hour; a time that cannot be is not believed. */
function resetOf({ resetAt }: CloudinaryError): Date {
  const now = Date.now();
  const nextHour = (Math.floor(now / hourMs) + 1) * hourMs;
  const asked = resetAt?.getTime() ?? nextHour;
  return new Date(Math.min(Math.max(asked, now + 1_000), now + 2 * hourMs));
}
