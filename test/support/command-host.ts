import { Readable } from "node:stream";
import { runCommand } from "../../src/cli/run-command.ts";
import type { CommandCall, CommandEnd } from "./command-line.ts";

// A process that runs one command after the other, with the folder, variables, input and output of each.

const written: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
for (const name of ["stdout", "stderr"] as const) {
  process[name].write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    written[name].push(Buffer.from(chunk));
    const done = rest.findLast((one) => typeof one === "function");
    done?.();
    return true;
  };
}

process.on("disconnect", () => process.exit());
process.on("message", async ({ folder, args, env, input }: CommandCall) => {
  process.chdir(folder);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  Object.defineProperty(process, "stdin", {
    configurable: true,
    value: Readable.from(input === "" ? [] : [Buffer.from(input, "base64")]),
  });
  process.exitCode = 0;
  await runCommand(["node", "webhooks", ...args]);
  const end: CommandEnd = {
    code: Number(process.exitCode ?? 0),
    stdout: Buffer.concat(written.stdout.splice(0)).toString("base64"),
    stderr: Buffer.concat(written.stderr.splice(0)).toString(),
  };
  process.send?.(end);
});
