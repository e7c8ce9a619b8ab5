import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "../../cli/environment.ts";

export interface ChildOptions {
  folder: string;
  port: number;
  env: Environment;
  /** Called with every line that it prints. */
  onLine: (line: string) => void;
}

/** Connections to the embedded database on this port are closed until then, in milliseconds since 1970. */
export interface ChildMessage {
  databasePort: number;
  awayUntil: number;
}

export interface NetlifyChild {
  /** Resolves when it has ended, with the cause: `exit 1`, `SIGKILL`. */
  ended: Promise<string>;
  hasEnded(): boolean;
  /** Sends a message to the code that this project loads into it. */
  tell(message: ChildMessage): void;
  /** Sends SIGTERM, and SIGKILL after five seconds. Resolves when the process has ended. */
  stop(): Promise<void>;
  /** Kills it immediately and synchronously, for the exit of this process. */
  kill(): void;
}

const politeMs = 5_000;

/** Without CI it sends telemetry, and waits for crash reports to be sent. The cache saves a fifth of the start time. */
const quick = (folder: string): Environment => ({
  CI: "true",
  NODE_COMPILE_CACHE: join(folder, "node_modules/.cache/netlify-dev"),
});

/** One run of `netlify dev`, offline and in its own process group, so that Ctrl-C in a terminal reaches only `npm start`. */
export function startNetlifyChild(options: ChildOptions): NetlifyChild {
  const { folder, port } = options;
  const loaded = ["./end-with-parent.js", "./loopback-only.js"].flatMap((name) => [
    "--import",
    new URL(name, import.meta.url).href,
  ]);
  const command = join(folder, "node_modules/netlify-cli/bin/run.js");
  const flags = ["--offline", "--internal-disable-edge-functions", "--no-open", "--skip-gitignore"];
  const child = spawn(process.execPath, [...loaded, command, "dev", "--port", String(port), ...flags], {
    cwd: folder,
    env: { ...process.env, ...quick(folder), ...options.env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", options.onLine);
  }
  let over = false;
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? `exit ${code}`));
  }).finally(() => {
    over = true;
  });
  return {
    ended,
    hasEnded: () => over,
    tell(message) {
      if (!over && child.connected) child.send(message);
    },
    async stop() {
      if (over) return;
      child.kill("SIGTERM");
      await Promise.race([ended, sleep(politeMs, undefined, { ref: false })]);
      killGroup(child);
      await ended;
    },
    kill: () => {
      if (!over) killGroup(child);
    },
  };
}

/** Including all its child processes. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The process group no longer exists, which is the intended result.
  }
}
