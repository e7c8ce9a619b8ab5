import { errorText } from "../../lib/shared/log.ts";
import { Mismatch } from "./check.ts";

/** Something that the person at the keyboard can mend: printed as it stands, without a stack. */
export class DemoProblem extends Error {
  override name = "DemoProblem";
  readonly exitCode: number;
  /** 2: what was asked for was not understood; 1: it was, and could not be done. */
  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** In words. Cloudinary's SDK rejects with plain objects, for the Admin API one level deeper. */
export function problemOf(error: unknown): string {
  if (error instanceof Mismatch) return error.message;
  if (error instanceof Error) return errorText(error);
  const inner = Object(error).error ?? error;
  return `Cloudinary refused: ${Object(inner).message ?? String(error)}`;
}
