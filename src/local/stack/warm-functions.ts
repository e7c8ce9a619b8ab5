import { EventEmitter } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker as Thread, type WorkerOptions } from "node:worker_threads";

/**
 * Runs inside `netlify dev`, which starts a thread for each call of a function and loads the function anew: half a second of a core,
 * many times the work of the call. Here a thread serves one call after the other, as an instance does at Netlify, until its function
 * is built again or nothing has called it for a time. A call that finds every instance busy starts another one.
 */
const idleMs = 60_000;

/** What `netlify dev` gives to the thread of a call. */
interface CallData {
  entryFilePath: string;
}

interface Instance {
  thread: Thread;
  /** Changes when the function is built again. */
  build: string;
  /** The call that is being answered. */
  call: FunctionCall | null;
  expiry: NodeJS.Timeout | undefined;
}

export interface Answer {
  result?: unknown;
  /** Instead of a result. */
  error?: Error;
}

const instances = new Map<string, Set<Instance>>();

/** `netlify dev` makes one for each call, and waits for its `message` or `error`. */
export class FunctionCall extends EventEmitter {
  constructor(netlifyWorker: URL, { env, workerData }: WorkerOptions & { workerData: CallData }) {
    super();
    const { entryFilePath } = workerData;
    const all = instances.get(entryFilePath) ?? new Set();
    instances.set(entryFilePath, all);
    const build = buildOf(fileURLToPath(entryFilePath));
    for (const instance of all) if (instance.build !== build && instance.call === null) retire(all, instance);
    const instance =
      [...all].find((one) => one.build === build && one.call === null) ??
      started(all, { build, env, netlifyWorker });
    clearTimeout(instance.expiry);
    instance.call = this;
    instance.thread.postMessage({ ...workerData, env });
  }
}

function started(
  all: Set<Instance>,
  { build, env, netlifyWorker }: { build: string; env: WorkerOptions["env"]; netlifyWorker: URL },
): Instance {
  const thread = new Thread(new URL("function-instance.js", import.meta.url), {
    ...(env !== undefined && { env }),
    workerData: { netlifyWorker: netlifyWorker.href },
  });
  const instance: Instance = { thread, build, call: null, expiry: undefined };
  all.add(instance);
  const end = (error: Error) => {
    all.delete(instance);
    clearTimeout(instance.expiry);
    answered(instance, { error });
  };
  thread.on("message", (answer: Answer) => {
    instance.expiry = setTimeout(() => retire(all, instance), idleMs).unref();
    answered(instance, answer);
  });
  thread.on("error", (error) => end(error instanceof Error ? error : new Error(String(error))));
  thread.on("exit", () => end(new Error("The function ended its process before it answered.")));
  return instance;
}

function answered(instance: Instance, { result, error }: Answer): void {
  const { call } = instance;
  instance.call = null;
  if (error === undefined) call?.emit("message", result);
  else call?.emit("error", error);
}

/** It takes no more calls, and ends when what it still does is over. */
function retire(all: Set<Instance>, instance: Instance): void {
  all.delete(instance);
  clearTimeout(instance.expiry);
  instance.thread.postMessage(null);
}

/** Tells apart the builds of a function by the times of its files. */
function buildOf(entryFile: string): string {
  return filesIn(dirname(entryFile))
    .map((file) => `${file} ${statSync(file).mtimeMs}`)
    .join("\n");
}

/** Not `recursive`, which follows links: one leads to all of node_modules. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}
