import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { createHash } from "node:crypto";

/** A function that runs: a hook, a worker, a sweep. Killed, none of its steps happens any more. */
export interface Process {
  name: string;
  isDead: boolean;
}

/** Something that is about to happen: a statement, a request, an answer, the end of a time. */
interface Step {
  label: string;
  process: Process | null;
  /** null: at once; otherwise not before this time of the virtual clock. */
  at: number | null;
  serial: number;
  happen: () => Promise<unknown> | unknown;
}

const inside = new AsyncLocalStorage<Process>();

/** The real one, which the virtual clock replaces. */
const turn = setImmediate;
/** So many turns of the event loop after a step, everything that it set off waits for another step. */
const turns = 4;

/**
 * Decides what happens next. `choices` are the decisions in order, as numbers; when they are used up, what has waited longest is
 * next, and nothing fails. The same choices give the same history.
 */
export class Scheduler {
  now: number;
  readonly #start: number;
  #choices: readonly number[];
  #used = 0;
  #serial = 0;
  #steps: Step[] = [];
  #faults: number;
  readonly trace: string[] = [];

  /** `faults`: at most this many. */
  constructor(start: number, choices: readonly number[], faults: number) {
    this.now = start;
    this.#start = start;
    this.#faults = faults;
    this.#choices = choices;
  }

  /** A number below `limit`; 0 is what happens without faults and delays. */
  choose(limit: number): number {
    const choice = this.#choices[this.#used] ?? 0;
    this.#used += 1;
    return choice % limit;
  }

  /** Whether something unlikely happens here: once in `times`. */
  unlikely(times: number): boolean {
    return this.choose(times) === times - 1;
  }

  /** Whether something fails here. */
  fails(times: number): boolean {
    if (this.#faults === 0 || !this.unlikely(times)) return false;
    this.#faults -= 1;
    return true;
  }

  /** Runs `work` as a process of its own. */
  run<T>(process: Process, work: () => Promise<T>): Promise<T> {
    return inside.run(process, work);
  }

  get process(): Process | null {
    return inside.getStore() ?? null;
  }

  /** Waits for its turn, and then does `happen`. In a process that is dead by then, it never happens. */
  step<T>(label: string, happen: () => Promise<T> | T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#add({
        label,
        at: null,
        happen: async () => {
          try {
            resolve(await happen());
          } catch (error) {
            reject(error);
          }
        },
      });
    });
  }

  /** As `setTimeout`. Returns how to cancel it. */
  after(ms: number, label: string, happen: () => unknown): () => void {
    const added = this.#add({
      label,
      at: this.now + Math.max(0, ms),
      happen: AsyncResource.bind(() => void happen()),
    });
    return () => {
      this.#steps = this.#steps.filter((step) => step !== added);
    };
  }

  #add(step: Pick<Step, "label" | "at" | "happen">): Step {
    this.#serial += 1;
    const added = { ...step, process: this.process, serial: this.#serial };
    this.#steps.push(added);
    return added;
  }

  /** Lets steps happen until nothing waits. False: that takes more than `maxSteps`. */
  async play(maxSteps: number): Promise<boolean> {
    await settled();
    for (let count = 0; ; count += 1) {
      this.#steps = this.#steps.filter(({ process }) => !process?.isDead);
      const next = this.#next();
      if (next === undefined) return true;
      if (count === maxSteps) return false;
      this.#steps = this.#steps.filter((step) => step !== next);
      if (next.at !== null) this.now = Math.max(this.now, next.at);
      this.trace.push(`${this.now - this.#start} ${next.process?.name ?? "world"}: ${next.label}`);
      if (next.process !== null && this.fails(150)) {
        this.trace.push(`${next.process.name} is killed`);
        next.process.isDead = true;
        continue;
      }
      await next.happen();
      await settled();
    }
  }

  /** One of those that can happen now; a time may also end before them, as if they were slow. */
  #next(): Step | undefined {
    const ready = this.#steps.filter(({ at }) => at === null || at <= this.now);
    const timed = this.#steps
      .filter(({ at }) => at !== null && at > this.now)
      .toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0) || a.serial - b.serial);
    if (ready.length === 0) return timed[0];
    const soon = timed[0];
    // A step is slow by less than a minute, so that clocks do not run away from statements.
    if (soon?.at && soon.at - this.now < 60_000 && this.unlikely(30)) return soon;
    return ready[this.choose(ready.length)];
  }

  /** Of all that happened, for the comparison of two runs. */
  hash(): string {
    return createHash("sha256").update(this.trace.join("\n")).digest("hex").slice(0, 16);
  }
}

async function settled(): Promise<void> {
  for (let count = 0; count < turns; count += 1) await new Promise((resolve) => turn(resolve));
}
