import { setTimeout as sleep } from "node:timers/promises";
import { log } from "../shared/log.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import { isBusy } from "./busy.ts";
import { connectionOptions, mayGoUnverified, unverifiedWarning } from "./connection.ts";
import type { Db, Param } from "./db.ts";
import { storable } from "./jsonb.ts";
import { Pool } from "./pg.generated.js";

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

/**
 * The pooled client. If the connection was dropped, which is common after an instance was frozen, the statement is sent again once:
 * every statement is safe to repeat (repeats are counted, settles are fenced). If the database has no free connection, the statement
 * waits for one, up to `timeoutMs`.
 * Uses no start-up parameters and no named statements, because poolers in transaction mode reject both.
 */
export function database(options: DbOptions): Db {
  const key = `${options.max} ${options.timeoutMs} ${options.url} ${options.ca ?? ""}`;
  return {
    async query<R>(text: string, params: readonly Param[] = []) {
      const elapsedMs = stopwatch();
      for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 1_000)) {
        try {
          return await sendTwice<R>(key, options, text, params);
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

async function sendTwice<R>(key: string, options: DbOptions, text: string, params: readonly Param[]) {
  const send = async () => {
    const { rows, rowCount } = await pool(key, options).query(text, params.map(storableParam));
    return { rows: rows as R[], rowCount: rowCount ?? 0 };
  };
  try {
    return await send();
  } catch (error) {
    if (!unverified.has(key) && mayGoUnverified(error, options.url, options.ca)) {
      log("warn", unverifiedWarning, {});
      unverified.add(key);
      discard(key);
      return await send();
    }
    const fault = faultOf(error);
    if (fault === "other") throw error;
    if (fault === "password-changed") discard(key);
    log("warn", "database connection lost, sending the statement again", { fault });
    return await send();
  }
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

function faultOf(error: unknown): "dropped" | "password-changed" | "other" {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "28P01") return "password-changed";
  // pg sets no code for these two errors.
  const terminated =
    error instanceof Error &&
    /^Connection terminated unexpectedly|^Client has encountered a connection error/.test(error.message);
  return terminated || droppedCodes.has(code) ? "dropped" : "other";
}
