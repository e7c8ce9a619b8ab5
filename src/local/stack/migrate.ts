import { join } from "node:path";
import { applyMigrations, type SQLExecutor } from "@netlify/database-dev";
import pg from "pg";
import { errorText } from "../../lib/shared/log.ts";
import { StartProblem } from "./start-problem.ts";

/** Any number, the same for all stacks: of several on one database, one migrates at a time. */
const lockKey = 7_203_114_988;

/** Brings the tables up to date, as `netlify database migrations apply` does. Returns the names of what was applied. */
export async function migrate(folder: string, url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined); // A connection that drops fails the statement, which is where it is told.
  try {
    await client.connect();
    await client.query("select pg_advisory_lock($1)", [lockKey]);
    return await applyMigrations(executor(client), join(folder, "netlify/database/migrations"));
  } catch (cause) {
    throw new StartProblem(`The database could not be brought up to date. ${errorText(cause)}`, { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function executor(client: pg.Client): SQLExecutor {
  const statements: Pick<SQLExecutor, "exec" | "query"> = {
    exec: (sql) => client.query(sql),
    query: async (sql, params) => ({ rows: (await client.query(sql, params)).rows }),
  };
  return {
    ...statements,
    async transaction(work) {
      await client.query("begin");
      try {
        const result = await work(statements);
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback");
        throw error;
      }
    },
  };
}
