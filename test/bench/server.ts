import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { createMigratedDatabase } from "../support/migrate.ts";
import { postgresServer } from "../support/postgres-server.ts";

export interface BenchServer {
  /** A migrated database. */
  url: string;
  stop(): Promise<void>;
}

/** A real PostgreSQL server with its own defaults: unlike the tests', it waits until a commit is on the disk. */
export async function benchServer(): Promise<BenchServer> {
  const server = await postgresServer();
  const url = await createMigratedDatabase(server.url, "bench");
  return {
    url,
    async stop() {
      await sessionsEnded(url);
      await server.stop();
    },
  };
}

/** A session ends a little after its client has left; a server stopped before that would tell the client off. */
async function sessionsEnded(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  const others =
    "select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()";
  for (let tries = 0; tries < 50 && (await client.query(others)).rowCount !== 0; tries += 1) await sleep(50);
  await client.end();
  await sleep(50);
}
