import { setTimeout as sleep } from "node:timers/promises";
import { log } from "../shared/log.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import { isBusy } from "./busy.ts";
import { connectionOptions, mayGoUnverified, unverifiedWarning } from "./connection.ts";
import type { Db, Param } from "./db.ts";
import { storable } from "./jsonb.ts";
import { Pool } from "./pg.generated.js";
import { nameOf } from "./prepared.ts";

// Apart, so that a handler can name the database without its client (src/package).
export type { Db, Param } from "./db.ts";

export interface DbOptions {
  url: string;
  max: number;
  /** Additional trusted certificates (DATABASE_CA). */
  ca?: string | null;
  /** Timeout for connecting, for each statement, and for waiting until the database has a free connection. */
  timeoutMs: number;
}

// Netlify keeps an instance between requests, so its connections live as long as the module.
const pools = new Map<string, Pool>();
/** Keys of pools whose server could not be verified and does not have to be. */
const unverified = new Set<string>();
/** Keys of pools whose connections do not keep prepared statements. */
const unprepared = new Set<string>();

/**
 * The pooled client. If the connection was dropped, which is common after an instance was frozen, the statement is sent again once:
 * every statement is safe to repeat (repeats are counted, settles are fenced). If the database has no free connection, the statement
 * waits for one, up to `timeoutMs`.
 * Uses no start-up parameters, because poolers in transaction mode reject them. Some of these poolers do not keep prepared statements
 * either: after the first error, all statements are sent without names.
 */
export function database(options: DbOptions): Db {
  const key = `${options.max} ${options.timeoutMs} ${options.url} ${options.ca ?? ""}`;
  return {
    async query<R>(text: string, params: readonly Param[] = []) {
      const elapsedMs = stopwatch();
      for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 1_000)) {
        try {
          return await sendAgain<R>(key, options, text, params);
        } catch (error) {
          if (!isBusy(error) || elapsedMs() + pauseMs >= options.timeoutMs) throw error;
          // A random delay, so that instances that were rejected together do not retry together.
          await sleep(pauseMs * (0.5 + Math.random() / 2));
        }
      }
    },
    close: () => discard(key),
  };
}

/** Sends the statement again after a fault that is not its own, once for each. */
async function sendAgain<R>(key: string, options: DbOptions, text: string, params: readonly Param[]) {
  const faults = new Set<Fault>();
  for (;;)
    try {
      const name = unprepared.has(key) ? undefined : nameOf(text);
      const values = params.map(storableParam);
      const { rows, rowCount } = await pool(key, options).query({ name, text, values });
      return { rows: rows as R[], rowCount: rowCount ?? 0 };
    } catch (error) {
      const fault = faultOf(error, options);
      if (fault === null || faults.has(fault)) throw error;
      faults.add(fault);
      mend(key, fault);
    }
}

/** So that the statement can be sent again. */
function mend(key: string, fault: Fault): void {
  switch (fault) {
    case "unverified":
      if (unverified.has(key)) return;
      log("warn", unverifiedWarning, {});
      unverified.add(key);
      discard(key);
      return;
    case "not-prepared":
      if (!unprepared.has(key))
        log(
          "info",
          "the database's connections do not keep prepared statements; none is used from now on",
          {},
        );
      unprepared.add(key);
      return;
    case "password-changed":
      discard(key);
      break;
    case "dropped":
      break;
    default:
      fault satisfies never;
  }
  log("warn", "database connection lost, sending the statement again", { fault });
}

/** PostgreSQL cannot store NUL in text, but names in notifications can contain it. */
function storableParam(param: Param): Param {
  if (typeof param === "string") return param.includes("\0") ? storable(param) : param;
  if (Array.isArray(param) && param.some((item) => typeof item === "string" && item.includes("\0")))
    return param.map((item) => (typeof item === "string" ? storable(item) : item));
  return param;
}

function pool(key: string, { url, ca, max, timeoutMs }: DbOptions): Pool {
  const existing = pools.get(key);
  if (existing) return existing;
  const created = new Pool({
    ...connectionOptions(url, ca, unverified.has(key)),
    max,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    idleTimeoutMillis: 10_000,
    allowExitOnIdle: true,
  });
  // Without a listener, a dropped connection would crash an instance that resumes from being frozen.
  created.on("error", (error) => log("warn", "idle database connection dropped", { error: error.message }));
  pools.set(key, created);
  return created;
}

async function discard(key: string): Promise<void> {
  const old = pools.get(key);
  pools.delete(key);
  await old?.end();
}

const droppedCodes = new Set(["ECONNRESET", "EPIPE", "57P01", "57P02", "08000", "08003", "08006"]);

type Fault = "unverified" | "not-prepared" | "password-changed" | "dropped";

/** What is wrong with the connection; null if the statement itself failed. */
function faultOf(error: unknown, { url, ca }: DbOptions): Fault | null {
  if (!(error instanceof Error)) return null;
  if (mayGoUnverified(error, url, ca)) return "unverified";
  const code = "code" in error ? String(error.code) : "";
  if (isNotPrepared(code, error.message)) return "not-prepared";
  if (code === "28P01") return "password-changed";
  // pg sets no code for these two errors.
  const terminated = /^Connection terminated unexpectedly|^Client has encountered a connection error/.test(
    error.message,
  );
  return terminated || droppedCodes.has(code) ? "dropped" : null;
}

/**
 * Whether a prepared statement is unknown on this connection, is known there to another client, or would return other types than before
 * (after a migration). Each is found before the statement runs.
 */
function isNotPrepared(code: string, message: string): boolean {
  return code === "26000" || code === "42P05" || (code === "0A000" && message.startsWith("cached plan"));
}
