import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { database } from "../../src/lib/database/pool.ts";
import { settings } from "../../src/settings.ts";
import { createMigratedDatabase } from "../support/migrate.ts";
import { postgresServer } from "../support/postgres-server.ts";
import { testSecret } from "../support/signed-request.ts";
import { site } from "../support/site.ts";

export interface BenchServer {
  /** A migrated database. */
  url: string;
  stop(): Promise<void>;
}

/** A real PostgreSQL server with its own defaults: unlike the tests', it waits until a commit is on the disk. */
export async function benchServer(settings: readonly string[] = []): Promise<BenchServer> {
  const server = await postgresServer(settings);
  const url = await createMigratedDatabase(server.url, "bench");
  return {
    url,
    async stop() {
      await sessionsEnded(url);
      await server.stop();
    },
  };
}

/** Calls `work` where the hooks of this process write to a bench server and nothing prints their log lines. */
export async function withHooks<T>(work: (server: BenchServer, origin: string) => Promise<T>): Promise<T> {
  const server = await benchServer();
  const worker = await site(202);
  const { log } = console;
  try {
    Object.assign(process.env, {
      DATABASE_URL: server.url,
      CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo`,
    });
    console.log = () => {}; // The bare statements write no line; what a line costs is the terminal's matter.
    return await work(server, worker.origin);
  } finally {
    console.log = log;
    await database({ url: server.url, max: 1, timeoutMs: settings.receive.recordTimeoutMs }).close();
    await worker.close();
    await server.stop();
  }
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
