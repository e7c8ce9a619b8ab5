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
  const { server, parent, url } = await newServer("postgres", settings, { persistent: false });
  return {
    url,
    async stop() {
      await server.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}

/** A running server in the folder `parent`, which its caller deletes. `persistent`: its data survives when it stops. */
export async function newServer(
  name: string,
  settings: readonly string[],
  { persistent }: { persistent: boolean },
) {
  const parent = await sharedFolder(name);
  await chmod(parent, 0o777); // PostgreSQL refuses to run as root; its own user must be able to enter.
  const port = await freePort();
  const databaseDir = join(parent, "data");
  const EmbeddedPostgres = await embeddedPostgres();
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: "postgres",
    password: "postgres",
    persistent,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ["listen_addresses=127.0.0.1", ...settings].flatMap((setting) => ["-c", setting]),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const url = `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
  return { server, parent, databaseDir, port, url };
}
