import type { Settlement } from "../deliveries/handler.ts";
import { CloudinaryError } from "./errors.ts";

const hourMs = 3_600_000;

/** The settlement after an error of Cloudinary. Rethrows other errors. */
export function settlementOf(error: unknown): Settlement {
  if (!(error instanceof CloudinaryError)) throw error;
  const text = `Cloudinary ${error.code ?? "did not respond"}: ${error.message}`;
  if (error.isRateLimit) return { kind: "wait", until: resetOf(error) };
  return error.isTransient ? { kind: "retry", error: text } : { kind: "give-up", error: text };
}

/** The limit is reset every full hour; an implausible time in the response is ignored. */
function resetOf({ resetAt }: CloudinaryError): Date {
  const now = Date.now();
  const nextHour = (Math.floor(now / hourMs) + 1) * hourMs;
  const asked = resetAt?.getTime() ?? nextHour;
  return new Date(Math.min(Math.max(asked, now + 1_000), now + 2 * hourMs));
}
