import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Ran {
  code: number | null;
  stdout: string;
  /** The same, where it may be no text. */
  stdoutBytes: Buffer;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  output(): string;
  /** Resolves when the output holds the text; rejects when the process ends before that, or in time. */
  says(text: string | RegExp, withinMs: number): Promise<void>;
  ended: Promise<Ran>;
}

/**
 * Starts a source file of the project in `folder`, with these variables and of the shell's own none but PATH and HOME. It shares
 * the run's compile cache.
 */
export function start(
  folder: string,
  [file = "", ...args]: readonly string[],
  env: Record<string, string> = {},
): Running {
  const { PATH = "", HOME = "", NODE_COMPILE_CACHE = "" } = process.env;
  const child = spawn(process.execPath, [join(folder, file), ...args], {
    cwd: folder,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...env },
  });
  const written: Buffer[] = [];
  const stdoutBytes = () => Buffer.concat(written);
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    written.push(chunk);
  });
  // A letter of several bytes can come in two chunks.
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.on("error", () => {}); // It ended without reading all of its input.
  const output = () => stdoutBytes().toString() + stderr;
  let over = false;
  const ended = new Promise<Ran>((resolve) => {
    child.once("close", (code) => {
      over = true;
      resolve({ code, stdout: stdoutBytes().toString(), stdoutBytes: stdoutBytes(), stderr });
    });
  });
  return {
    child,
    output,
    ended,
    async says(text, withinMs) {
      const until = Date.now() + withinMs;
      const isSaid = () => (typeof text === "string" ? output().includes(text) : text.test(output()));
      while (!isSaid()) {
        if (over || Date.now() > until)
          throw new Error(
            `${over ? "It ended" : "Time ran out"} before it said ${text}. It said:\n${output()}`,
          );
        await sleep(50);
      }
    },
  };
}

/** Runs it to its end, with `input` to read. */
export function run(
  folder: string,
  command: readonly string[],
  env?: Record<string, string>,
  input: string | Uint8Array = "",
): Promise<Ran> {
  const { child, ended } = start(folder, command, env);
  child.stdin?.end(input);
  return ended;
}
