import { inspect, styleText } from "node:util";
import { masked } from "../lib/shared/masked.ts";

/** An error that the user can fix: its message is printed without a stack trace. */
export class UserError extends Error {
  override name = "UserError";
  readonly exitCode: number;
  /** 2: the arguments are wrong; 1: they are right, and the command failed. */
  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Prints an error to stderr, with a stack trace and its fields unless it is a `UserError`, masked. Returns the exit code. */
export function reportError(error: unknown): number {
  if (!(error instanceof UserError)) {
    console.error(masked(inspect(error)));
    return 1;
  }
  console.error(errorLine(error.message));
  return error.exitCode;
}

/** Masked as all output; coloured if stderr is a terminal and NO_COLOR is not set. */
export const errorLine = (message: string): string =>
  `${styleText("red", "error:", { stream: process.stderr })} ${masked(message)}`;
