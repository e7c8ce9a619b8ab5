import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newServer } from "../../support/postgres-server.ts";

/** A PostgreSQL server that the run can stop, kill, pause and start again; its data survives all of that. */
export interface BreakablePostgres {
  port: number;
  /** A superuser's, of the database `postgres`. */
  url: string;
  /** Ends sessions and shuts down. */
  stop(): Promise<void>;
  /** As a machine that loses its power, or a server that the system kills. */
  kill(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Kills every process at once and deletes the data. Works when the server does not respond. */
  remove(): Promise<void>;
  /** The same without waiting, for a run that ends unexpectedly. */
  end(): void;
}

export async function breakablePostgres(settings: readonly string[]): Promise<BreakablePostgres> {
  const { server, parent, databaseDir, port, url } = await newServer("chaos", settings, { persistent: true });

  const postmaster = (): number => {
    try {
      return Number(readFileSync(join(databaseDir, "postmaster.pid"), "utf8").split("\n", 1)[0]);
    } catch {
      return 0; // It does not run.
    }
  };
  const family = (): number[] => {
    const parentPid = postmaster();
    if (parentPid === 0) return [];
    const table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
    const children = table
      .split("\n")
      .map((line) => line.trim().split(/\s+/).map(Number))
      .flatMap(([pid = 0, ppid = 0]) => (ppid === parentPid ? [pid] : []));
    return [parentPid, ...children];
  };
  const signal = (pids: readonly number[], name: NodeJS.Signals) => {
    for (const pid of pids)
      try {
        process.kill(pid, name);
      } catch {
        // It has ended.
      }
  };
  const gone = async (pids: readonly number[]) => {
    for (let tries = 0; tries < 400 && pids.some(isAlive); tries += 1) await sleep(25);
  };

  return {
    port,
    url,
    async stop() {
      const pids = family();
      signal(pids.slice(0, 1), "SIGINT");
      await gone(pids);
    },
    async kill() {
      const pids = family();
      signal(pids, "SIGKILL");
      await gone(pids);
    },
    async start() {
      for (let tries = 1; ; tries += 1)
        try {
          return await server.start();
        } catch (error) {
          // What the killed server left behind, such as its shared memory, may be in use a little longer.
          if (tries === 40) throw new Error("PostgreSQL does not start again", { cause: error });
          await sleep(250);
        }
    },
    pause: () => signal(family(), "SIGSTOP"),
    resume: () => signal(family(), "SIGCONT"),
    async remove() {
      const pids = family();
      signal(pids, "SIGKILL");
      await gone(pids);
      await rm(parent, { recursive: true, force: true });
    },
    end: () => signal(family(), "SIGKILL"),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
