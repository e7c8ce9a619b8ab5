import type { ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { type PgBouncerOptions, pgBouncer, pgBouncerSetup } from "../../support/pgbouncer-process.ts";

/** PgBouncer in transaction mode, in front of the proxy. */
export interface Bouncer {
  port: number;
  pause(): void;
  resume(): void;
  kill(): void;
  start(): void;
  remove(): Promise<void>;
  end(): void;
}

/** Null where PgBouncer is not installed. */
export async function startBouncer(options: PgBouncerOptions): Promise<Bouncer | null> {
  if (!pgBouncer) return null;
  const setup = await pgBouncerSetup(pgBouncer, { ...options, more: ["server_login_retry = 1"] });
  let child: ChildProcess | null = null;
  const start = () => {
    child = setup.start();
    child.on("error", () => {});
  };
  const send = (signal: NodeJS.Signals) => void child?.kill(signal);
  start();
  return {
    port: setup.port,
    start,
    pause: () => send("SIGSTOP"),
    resume: () => send("SIGCONT"),
    kill: () => send("SIGKILL"),
    end: () => send("SIGKILL"),
    async remove() {
      send("SIGKILL");
      await rm(setup.folder, { recursive: true, force: true });
    },
  };
}
