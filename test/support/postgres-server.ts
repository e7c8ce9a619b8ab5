import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { embeddedPostgres, sharedFolder } from "./embedded-postgres.ts";
import { freePort } from "./free-port.ts";

export interface PostgresServer {
  /** A superuser's, of the database `postgres`. */
  url: string;
  stop(): Promise<void>;
}

/** A real PostgreSQL server on loopback, with these settings besides its own defaults; its data is gone when it stops. */
export async function postgresServer(settings: readonly string[] = []): Promise<PostgresServer> {
  const parent = await sharedFolder("postgres");
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
    postgresFlags: ["listen_addresses=127.0.0.1", ...settings].flatMap((setting) => ["-c", setting]),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await server.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}
