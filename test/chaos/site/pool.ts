import type { LambdaAnswer, LambdaEvent } from "../../support/lambda.ts";
import type { Instance } from "./instance.ts";

/** The processes of one function. Each handles one request at a time; requests wait in the order in which they came. */
export interface InstancePool {
  /** Null when no process was free in time, its process was killed, or `signal` aborted while it waited. */
  call(event: LambdaEvent, signal?: AbortSignal): Promise<LambdaAnswer | null>;
  /** Starts all processes, so that a run does not begin with cold starts. */
  warm(): Promise<void>;
  instances(): Instance[];
  close(): Promise<void>;
}

export interface PoolOptions {
  /** The most processes. */
  size: number;
  /** Null if it could not be started. */
  start: () => Promise<Instance | null>;
  /** A process is replaced after this many calls, by one of another kind. */
  callsOfAProcess: number;
  /** The platform gives up on a request that has waited for so long. */
  maxWaitMs: number;
}

export function instancePool({ size, start, callsOfAProcess, maxWaitMs }: PoolOptions): InstancePool {
  const all = new Set<Instance>();
  const idle: Instance[] = [];
  const waiting = new Set<(instance: Instance | null) => void>();
  let starting = 0;
  let isClosing = false;

  async function add(): Promise<void> {
    starting += 1;
    const instance = await start();
    starting -= 1;
    if (!instance) {
      setTimeout(grow, 500);
      return;
    }
    all.add(instance);
    void instance.ended.then(() => {
      all.delete(instance);
      if (idle.includes(instance)) idle.splice(idle.indexOf(instance), 1);
      grow();
    });
    if (isClosing) return instance.kill();
    release(instance);
    grow();
  }

  function grow(): void {
    // One at a time: on a busy machine, ten cold starts at once would leave nobody to answer for a minute.
    if (!isClosing && starting === 0 && waiting.size > 0 && all.size < size) void add();
  }

  function release(instance: Instance): void {
    if (!all.has(instance)) return;
    const [next] = waiting;
    if (next) next(instance);
    else {
      instance.isBusy = false;
      idle.push(instance);
    }
  }

  function acquire(signal?: AbortSignal): Promise<Instance | null> {
    const free = idle.shift();
    if (free) {
      free.isBusy = true;
      return Promise.resolve(free);
    }
    return new Promise((resolve) => {
      const take = (instance: Instance | null) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", giveUp);
        waiting.delete(take);
        if (instance) instance.isBusy = true;
        resolve(instance);
      };
      const giveUp = () => take(null);
      const timer = setTimeout(giveUp, maxWaitMs);
      signal?.addEventListener("abort", giveUp);
      waiting.add(take);
      grow();
    });
  }

  return {
    async call(event, signal) {
      const instance = isClosing ? null : await acquire(signal);
      if (!instance) return null;
      try {
        return await instance.invoke(event);
      } catch {
        return null; // The process was killed.
      } finally {
        if (instance.calls >= callsOfAProcess) instance.kill();
        else release(instance);
      }
    },
    async warm() {
      for (let tries = 0; all.size < size && tries < 3 * size; tries += 1) await add();
    },
    instances: () => [...all],
    async close() {
      isClosing = true;
      for (const take of waiting) take(null);
      const ended = [...all].map((instance) => instance.ended);
      for (const instance of all) instance.kill();
      await Promise.all(ended);
    },
  };
}
