import { join } from "node:path";
import { applyMigrations as applyPending, type SQLExecutor } from "@netlify/database-dev";
import pg from "pg";
import { connectionOptions, mayGoUnverified, unverifiedWarning } from "../lib/database/connection.ts";

/** An arbitrary but fixed number, so that only one process migrates a database at a time. */
const lockKey = 7_203_114_988;

export interface MigrateOptions {
  folder: string;
  url: string;
  ca: string | null;
  /** Called when another migration holds the lock. */
  onWait?: () => void;
}

export interface Migrated {
  /** The names of the applied migrations. */
  applied: string[];
  server: { version: string; encrypted: boolean };
}

/**
 * Applies pending migrations with Netlify's rules and table of applied migrations. All run in one transaction, so a failure changes
 * nothing, and the lock also works with a pooler in transaction mode.
 */
export async function migrateDatabase({ folder, url, ca, onWait }: MigrateOptions): Promise<Migrated> {
  const client = await connect(url, ca);
  try {
    await client.query("begin");
    const { rows } = await client.query<{ got: boolean }>("select pg_try_advisory_xact_lock($1) as got", [
      lockKey,
    ]);
    if (!rows[0]?.got) {
      onWait?.();
      await client.query("select pg_advisory_xact_lock($1)", [lockKey]);
    }
    const applied = await applyPending(executor(client), join(folder, "netlify/database/migrations"));
    const server = await client.query<{ version: string; encrypted: boolean | null }>(
      "select current_setting('server_version') as version, (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted",
    );
    await client.query("commit");
    const { version = "", encrypted = false } = server.rows[0] ?? {};
    return { applied, server: { version, encrypted: encrypted ?? false } };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connect(url: string, ca: string | null, unverified = false): Promise<pg.Client> {
  const client = new pg.Client({
    ...connectionOptions(url, ca, unverified),
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined); // A dropped connection makes the statement fail, which reports it.
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    if (unverified || !mayGoUnverified(error, url, ca)) throw error;
    console.warn(`Warning: ${unverifiedWarning}.`);
    return await connect(url, ca, true);
  }
}

/** Transactions within it are savepoints of the open one. */
function executor(client: pg.Client): SQLExecutor {
  const statements: Pick<SQLExecutor, "exec" | "query"> = {
    exec: (sql) => client.query(sql),
    query: async (sql, params) => ({ rows: (await client.query(sql, params)).rows }),
  };
  return {
    ...statements,
    async transaction(work) {
      await client.query("savepoint migration");
      try {
        const result = await work(statements);
        await client.query("release savepoint migration");
        return result;
      } catch (error) {
        await client.query("rollback to savepoint migration");
        throw error;
      }
    },
  };
}
