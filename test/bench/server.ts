import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { embeddedPostgres } from "../support/embedded-postgres.ts";
import { freePort } from "../support/free-port.ts";
import { createMigratedDatabase } from "../support/migrate.ts";

export interface BenchServer {
  /** A migrated database. */
  url: string;
  stop(): Promise<void>;
}

/** A real PostgreSQL server with its own defaults: unlike the tests', it waits until a commit is on the disk. */
export async function benchServer(): Promise<BenchServer> {
  const parent = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-bench-"));
  await chmod(parent, 0o777); // PostgreSQL refuses to run as root; its own user must be able to enter.
  const port = await freePort();
  const EmbeddedPostgres = await embeddedPostgres();
  const server = new EmbeddedPostgres({
    databaseDir: join(parent, "data"),
    port,
    user: "postgres",
    password: "postgres",
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ["-c", "listen_addresses=127.0.0.1"],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const url = await createMigratedDatabase(
    `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`,
    "bench",
  );
  return {
    url,
    async stop() {
      await sessionsEnded(url);
      await server.stop();
      await rm(parent, { recursive: true, force: true });
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
