import { existsSync, type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../cli/user-error.ts";
import { awaitAddress, forgetAddress } from "./embedded-database.ts";
import { type ChildOptions, type NetlifyChild, startNetlifyChild } from "./netlify-child.ts";

export interface NetlifyDevOptions extends Omit<ChildOptions, "onLine"> {
  url: string;
  /** null: the embedded one, whose address `netlify dev` makes up at each start. */
  databaseUrl: string | null;
  /** Run at each start, before anything is said to be ready. */
  migrate: (databaseUrl: string) => Promise<unknown>;
  onLine: (line: string, ready: boolean) => void;
  say: (text: string) => void;
}

const readyWithinMs = 90_000;
const keptLines = 400;
const compilerError = /^\S+:\d+:\d+: ERROR: |Could not resolve /;

/**
 * Keeps `netlify dev` running: it ends when a file with a syntax error is saved, and is started again. A start on broken source
 * would end the same way, so it waits until a file changes. The first run's failure is thrown.
 */
export class NetlifyDev {
  readonly #options: NetlifyDevOptions;
  readonly #stopping = new AbortController();
  readonly #watchers: FSWatcher[];
  #child: NetlifyChild | null = null;
  #lines: string[] = [];
  /** Of source files, since the last start or compiler error. */
  #changes = 0;
  #supervision: Promise<void> = Promise.resolve();

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
      if (!this.#stopping.signal.aborted) this.#options.say(`netlify dev is not watched any more: ${error}`);
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const watcher of this.#watchers) watcher.close();
    await this.#child?.stop();
    await this.#supervision;
  }

  /** For when this process itself ends. */
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
      else say("Starting it again.");
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
    let ready = false;
    const child = startNetlifyChild({
      ...this.#options,
      onLine: (line) => {
        this.#lines = [...this.#lines.slice(-keptLines), line];
        if (compilerError.test(line)) this.#changes = 0; // What was saved until now is what it complains about.
        this.#options.onLine(line, ready);
      },
    });
    this.#child = child;
    const over = new AbortController();
    const signal = AbortSignal.any([
      outer,
      this.#stopping.signal,
      over.signal,
      AbortSignal.timeout(readyWithinMs),
    ]);
    child.ended.then(() => over.abort());
    try {
      const databaseUrl = this.#options.databaseUrl ?? (await awaitAddress(this.#options.folder, signal));
      await this.#options.migrate(databaseUrl);
      await this.#healthy(signal);
      ready = true;
    } catch (error) {
      await child.stop();
      if (outer.aborted || this.#stopping.signal.aborted || error instanceof UserError) throw error;
      const what = over.signal.aborted
        ? `netlify dev ended before it was ready (${await child.ended})`
        : `No function answered within ${readyWithinMs / 1_000} s`;
      throw new UserError(`${what}: ${this.#reason()}`, 1, { cause: error });
    }
  }

  /** The banner comes before the functions are loaded, so one is asked. */
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
    this.#options.say("Waiting: when a file in netlify/ or src/ is saved, it starts again by itself.");
    while (this.#changes === 0) await sleep(200, undefined, { signal });
    await sleep(300, undefined, { signal }); // Editors write in several steps.
  }

  /** The compiler's own words where there are any, else the last lines. */
  #reason(): string {
    const compiler = this.#compilerErrors();
    const telling = compiler.length > 0 ? compiler.slice(0, 5) : this.#lines.slice(-15);
    return telling.length > 0
      ? `\n${telling.map((line) => `  ${line.trim()}`).join("\n")}`
      : "it said nothing.";
  }

  #compilerErrors(): string[] {
    return [...new Set(this.#lines.filter((line) => compilerError.test(line)))];
  }
}
