import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Ran } from "./run.ts";

export interface CommandCall {
  folder: string;
  args: readonly string[];
  env: Record<string, string>;
  /** base64. */
  input: string;
}

export interface CommandEnd {
  code: number;
  /** base64. */
  stdout: string;
  stderr: string;
}

/** Two cores gain nothing from more. */
const maxHosts = 3;
const idle: ChildProcess[] = [];
const waiting: ((host: ChildProcess) => void)[] = [];
let hosts = 0;

/**
 * Runs a command of the command line to its end, as `run` does, in a process that has loaded it: a start takes longer than most
 * commands. What a process of its own does at its end is tested in cli/main.test.ts.
 */
export async function runWebhooks(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
  input: string | Uint8Array = "",
): Promise<Ran> {
  const host = await freeHost();
  const { PATH = "", HOME = "" } = process.env;
  const call: CommandCall = {
    folder,
    args,
    env: { PATH, HOME, ...env },
    input: Buffer.from(input).toString("base64"),
  };
  const died = new AbortController();
  const answered = once(host, "message", { signal: died.signal });
  const onExit = () => died.abort(new Error(`the process ended in \`webhooks ${args.join(" ")}\``));
  host.once("exit", onExit);
  host.send(call);
  const [end]: CommandEnd[] = await answered;
  host.off("exit", onExit);
  const next = waiting.shift();
  if (next) next(host);
  else idle.push(host);
  if (end === undefined) throw new Error("no answer");
  const stdoutBytes = Buffer.from(end.stdout, "base64");
  return { code: end.code, stdout: stdoutBytes.toString(), stdoutBytes, stderr: end.stderr };
}

async function freeHost(): Promise<ChildProcess> {
  const host = idle.pop();
  if (host) return host;
  if (hosts === maxHosts) return await new Promise((resolve) => waiting.push(resolve));
  hosts += 1;
  return hostProcess();
}

/** It ends with this process. */
function hostProcess(): ChildProcess {
  const child = fork(fileURLToPath(new URL("command-host.ts", import.meta.url)), [], {
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.unref();
  child.channel?.unref();
  return child;
}
