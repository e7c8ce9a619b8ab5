import { CommanderError } from "@commander-js/extra-typings";
import { createProgram } from "./program.ts";
import { reportError } from "./user-error.ts";

const wrongUsage = 2;

// The reader of a pipe may stop early, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  // Commander has printed its own errors, and throws after help and version too.
  if (!(error instanceof CommanderError)) process.exitCode = reportError(error);
  else if (error.exitCode !== 0) process.exitCode = wrongUsage;
}
