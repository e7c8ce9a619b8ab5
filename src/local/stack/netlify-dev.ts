import { existsSync, type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../cli/user-error.ts";
import { errorText } from "../../lib/shared/log.ts";
import type { DatabaseSwitch } from "../control.ts";
import { awaitAddress, embeddedDatabaseUrl, forgetAddress } from "./embedded-database.ts";
import { type ChildOptions, type NetlifyChild, startNetlifyChild } from "./netlify-child.ts";
import { compilerError } from "./output.ts";

export interface NetlifyDevOptions extends Omit<ChildOptions, "onLine"> {
  url: string;
  /** null: the embedded database, whose address changes at each start of `netlify dev`. */
  databaseUrl: string | null;
  /** Runs at each start, before the stack is reported as ready. */
  migrate: (databaseUrl: string) => Promise<unknown>;
  onLine: (line: string, ready: boolean) => void;
  say: (text: string) => void;
}

/** A busy machine may take long, but `netlify dev` then still reports one step after the other. */
const stalledAfterMs = 180_000;
const keptLines = 400;

/**
 * Keeps `netlify dev` running. It ends when a file with a syntax error is saved, and is restarted after the next change, because it
 * would end again before. A failure of the first run is thrown.
 */
export class NetlifyDev implements DatabaseSwitch {
  readonly #options: NetlifyDevOptions;
  readonly #stopping = new AbortController();
  readonly #watchers: FSWatcher[];
  #child: NetlifyChild | null = null;
  #lines: string[] = [];
  /** Changes of source files since the last start or compiler error. */
  #changes = 0;
  #supervision: Promise<void> = Promise.resolve();
  #databaseAwayUntil: number | null = null;

  constructor(options: NetlifyDevOptions) {
    this.#options = options;
    const watched = ["netlify", "src"].map((name) => join(options.folder, name)).filter(existsSync);
    this.#watchers = watched.map((folder) => watch(folder, { recursive: true }, () => this.#changes++));
    for (const watcher of this.#watchers) watcher.unref();
  }

  /** Resolves when a function has answered. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#run(signal);
    this.#supervision = this.#supervise().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#options.say(`netlify dev is no longer monitored: ${error}`);
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const watcher of this.#watchers) watcher.close();
    await this.#child?.stop();
    await this.#supervision;
  }

  awayUntil(): number | null {
    const until = this.#databaseAwayUntil;
    return until !== null && until > Date.now() ? until : null;
  }

  /** A restart of `netlify dev` ends it. */
  setAway(until: number | null): void {
    this.#databaseAwayUntil = until;
    const url = embeddedDatabaseUrl(this.#options.folder);
    if (url !== null) this.#child?.tell({ databasePort: Number(new URL(url).port), awayUntil: until ?? 0 });
  }

  /** For the exit of this process. */
  kill(): void {
    this.#child?.kill();
  }

  async #supervise(): Promise<void> {
    const { say } = this.#options;
    const { signal } = this.#stopping;
    for (;;) {
      const how = await this.#child?.ended;
      if (signal.aborted) return;
      say(`netlify dev ended (${how}): ${this.#reason()}`);
      const isSourceBroken = this.#compilerErrors().length > 0 && this.#changes === 0;
      if (isSourceBroken) await this.#sourceChange(signal);
      else say("Restarting it.");
      while (!(await this.#runAgain(signal))) await this.#sourceChange(signal);
      say("netlify dev is running again.");
    }
  }

  async #runAgain(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#run(signal);
      return true;
    } catch (error) {
      if (signal.aborted || !(error instanceof UserError)) throw error;
      this.#options.say(error.message);
      return false;
    }
  }

  async #run(outer: AbortSignal): Promise<void> {
    await forgetAddress(this.#options.folder);
    this.#lines = [];
    this.#changes = 0;
    this.#databaseAwayUntil = null;
    let ready = false;
    const stalled = watchdog(stalledAfterMs);
    const child = startNetlifyChild({
      ...this.#options,
      onLine: (line) => {
        this.#lines = [...this.#lines.slice(-keptLines), line];
        if (compilerError.test(line)) this.#changes = 0; // The error refers to the changes up to now.
        if (line.startsWith("⬥")) stalled.reset(); // A step of its own, not a request or a log of ours.
        this.#options.onLine(line, ready);
      },
    });
    this.#child = child;
    const over = new AbortController();
    const signal = AbortSignal.any([outer, this.#stopping.signal, over.signal, stalled.signal]);
    child.ended.then(() => over.abort());
    try {
      const databaseUrl = this.#options.databaseUrl ?? (await awaitAddress(this.#options.folder, signal));
      await this.#options.migrate(databaseUrl);
      stalled.reset();
      await this.#healthy(signal);
      ready = true;
    } catch (error) {
      const hasEnded = child.hasEnded(); // By itself: stopping it would hide the cause.
      await child.stop();
      if (outer.aborted || this.#stopping.signal.aborted || error instanceof UserError) throw error;
      if (!hasEnded && !signal.aborted)
        throw new UserError(`The stack did not start: ${errorText(error)}`, 1, { cause: error });
      const what = hasEnded
        ? `netlify dev ended before it was ready (${await child.ended})`
        : `No function responded, and there was no progress for ${stalledAfterMs / 1_000} s`;
      throw new UserError(`${what}: ${this.#reason()}`, 1, { cause: error });
    } finally {
      stalled.stop();
    }
  }

  /** The banner is printed before the functions are loaded, so a function is called to check. */
  async #healthy(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        const { status } = await fetch(`${this.#options.url}/api/health`, { signal });
        if (status === 200) return;
      } catch {
        signal.throwIfAborted(); // Not listening yet.
      }
      await sleep(200, undefined, { signal });
    }
  }

  async #sourceChange(signal: AbortSignal): Promise<void> {
    this.#options.say("Waiting for a change in netlify/ or src/ to restart it.");
    while (this.#changes === 0) await sleep(200, undefined, { signal });
    await sleep(300, undefined, { signal }); // Editors write in several steps.
  }

  /** The compiler's message if there is one, otherwise the last lines. */
  #reason(): string {
    const compiler = this.#compilerErrors();
    const telling = compiler.length > 0 ? compiler.slice(0, 5) : this.#lines.slice(-15);
    return telling.length > 0
      ? `\n${telling.map((line) => `  ${line.trim()}`).join("\n")}`
      : "it printed nothing.";
  }

  #compilerErrors(): string[] {
    return [...new Set(this.#lines.filter((line) => compilerError.test(line)))];
  }
}

/** Aborts when it is not reset for this time. */
function watchdog(ms: number) {
  const controller = new AbortController();
  const arm = () => setTimeout(() => controller.abort(new Error("stalled")), ms).unref();
  let timer = arm();
  return {
    signal: controller.signal,
    reset(): void {
      clearTimeout(timer);
      if (!controller.signal.aborted) timer = arm();
    },
    stop: () => clearTimeout(timer),
  };
}
