import { join } from "node:path";
import { applyMigrations as applyPending, type SQLExecutor } from "@netlify/database-dev";
import pg from "pg";
import { connectionOptions, mayGoUnverified, unverifiedWarning } from "../lib/database/connection.ts";

/** Any number, the same everywhere: of several on one database, one migrates at a time. */
const lockKey = 7_203_114_988;

export interface MigrateOptions {
  folder: string;
  url: string;
  ca: string | null;
  /** Told when another migration holds the lock. */
  onWait?: () => void;
}

export interface Migrated {
  /** Names of what was applied now. */
  applied: string[];
  server: { version: string; encrypted: boolean };
}

/**
 * Brings the tables up to date, by Netlify's own rules and ledger. All pending migrations run in one transaction, so a
 * failure leaves nothing half done, and the lock holds behind a pooler in transaction mode too.
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
  client.on("error", () => undefined); // A connection that drops fails the statement, which is where it is reported.
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

/** Its transactions are savepoints of the one that is open. */
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
