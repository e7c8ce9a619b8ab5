import { errorText } from "../../lib/shared/log.ts";
import { Mismatch } from "./check.ts";

/** In words. Cloudinary's SDK rejects with plain objects, for the Admin API one level deeper. */
export function problemOf(error: unknown): string {
  if (error instanceof Mismatch) return error.message;
  if (error instanceof Error) return errorText(error);
  const inner = Object(error).error ?? error;
  return `Cloudinary refused: ${Object(inner).message ?? String(error)}`;
}
