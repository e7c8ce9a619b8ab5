import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { LambdaAnswer, LambdaEvent } from "../../support/lambda.ts";

/** One process of a built function, which handles one request at a time, as on AWS Lambda. */
export interface Instance {
  name: string;
  pid: number;
  /** How it differs from others: version, settings, clock, way to the database. */
  traits: string;
  isBusy: boolean;
  calls: number;
  /** Rejects when the process ends first. */
  invoke(event: LambdaEvent): Promise<LambdaAnswer>;
  /** Stops it for a time, as a machine that pauses. */
  freeze(ms: number): void;
  kill(): void;
  /** When the process has ended. `expected`: the run killed it. */
  ended: Promise<{ expected: boolean; how: string }>;
}

export interface InstanceOptions {
  name: string;
  folder: string;
  traits: string;
  env: Record<string, string>;
  /** Every line that it prints. */
  onLine: (line: string, pid: number) => void;
}

const runner = fileURLToPath(new URL("../../support/lambda.ts", import.meta.url));
const preloads = ["clock.ts", "stalls.ts"].map((name) => new URL(name, import.meta.url).href);

/** The processes that run now. They are ended whatever happens to the run. */
const running = new Set<ChildProcess>();

export function endAllInstances(): void {
  for (const child of running) child.kill("SIGKILL");
}

export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { name, folder, traits, env, onLine } = options;
  const child = fork(runner, [pathToFileURL(join(folder, "___netlify-entry-point.mjs")).href], {
    execArgv: [...preloads.flatMap((one) => ["--import", one]), "--max-old-space-size=256"],
    env: { LAMBDA_TASK_ROOT: folder, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  running.add(child);
  const pid = child.pid ?? 0;
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on("line", (line) => onLine(line, pid));
  let isKilled = false;
  let thaw: NodeJS.Timeout | undefined;
  const ended = once(child, "exit").then(([code, signal]) => {
    running.delete(child);
    clearTimeout(thaw);
    for (const { reject } of waiting.values()) reject(new Error("the process ended"));
    waiting.clear();
    return { expected: isKilled, how: signal === null ? `code ${code}` : String(signal) };
  });
  const waiting = new Map<number, { resolve(answer: LambdaAnswer): void; reject(error: Error): void }>();
  const started = once(child, "message", { signal: AbortSignal.timeout(60_000) });
  await Promise.race([
    started,
    ended.then(({ how }) => {
      throw new Error(`${name} did not start: ${how}`);
    }),
  ]);
  child.on("message", ({ id, answer }: { id: number; answer: LambdaAnswer }) => {
    waiting.get(id)?.resolve(answer);
    waiting.delete(id);
  });
  child.on("error", () => {});
  const instance: Instance = {
    name,
    pid,
    traits,
    isBusy: false,
    calls: 0,
    ended,
    invoke(event) {
      instance.calls += 1;
      const id = instance.calls;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child.send({ id, event }, (error) => error && reject(error));
      });
    },
    freeze(ms) {
      child.kill("SIGSTOP");
      clearTimeout(thaw);
      thaw = setTimeout(() => child.kill("SIGCONT"), ms);
    },
    kill() {
      isKilled = true;
      child.kill("SIGKILL");
    },
  };
  return instance;
}
