import { CommanderError } from "@commander-js/extra-typings";
import { createProgram } from "./program.ts";
import { reportError } from "./user-error.ts";

const wrongUsage = 2;

/** Runs the command that these arguments name (in the form of `process.argv`), prints its error, and sets the exit code. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    // Commander has printed its own errors, and throws after help and version too.
    if (!(error instanceof CommanderError)) process.exitCode = reportError(error);
    else if (error.exitCode !== 0) process.exitCode = wrongUsage;
  }
}
