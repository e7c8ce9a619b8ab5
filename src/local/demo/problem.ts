import { errorText } from "../../lib/shared/log.ts";
import { Mismatch } from "./check.ts";

/**
 * Returns an error's message. Cloudinary's SDK rejects with plain objects, nested one level deeper for the Admin API.
 */
export function problemOf(error: unknown): string {
  if (error instanceof Mismatch) return error.message;
  if (error instanceof Error) return errorText(error);
  const inner = Object(error).error ?? error;
  return `Cloudinary rejected the call: ${Object(inner).message ?? String(error)}`;
}
