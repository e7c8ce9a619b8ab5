import { rmSync } from "node:fs";
import { chmod, mkdtemp, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { embeddedPostgres, sharedFolder } from "./embedded-postgres.ts";
import { freePort } from "./free-port.ts";

export interface PostgresServer {
  /** A superuser's, of the database `postgres`. */
  url: string;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Its data survives when it stops. */
  persistent?: boolean;
  /** Its data is in memory, where the machine has room for it, and a password is checked in a tenth of the time. */
  fast?: boolean;
}

/** A real PostgreSQL server on loopback, with these settings besides its own defaults; its data is gone when it stops. */
export async function postgresServer(
  settings: readonly string[] = [],
  options: Pick<ServerOptions, "fast"> = {},
): Promise<PostgresServer> {
  const { server, parent, url } = await newServer("postgres", settings, options);
  return {
    url,
    async stop() {
      await server.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}

/** A running server in the folder `parent`, which its caller deletes. */
export async function newServer(
  name: string,
  settings: readonly string[],
  { persistent = false, fast = false }: ServerOptions,
) {
  const parent = (fast ? await folderInMemory(name) : null) ?? (await sharedFolder(name));
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
    initdbFlags: fast ? ["--set=scram_iterations=1"] : [],
    postgresFlags: ["listen_addresses=127.0.0.1", ...settings].flatMap((setting) => ["-c", setting]),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const url = `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
  return { server, parent, databaseDir, port, url };
}

/**
 * A new database is some 900 files. On a disk, they take 100 to 300 ms of a core, even if nobody waits for them to be written; in memory,
 * 30. A whole run of the tests takes less than 1 GB. null: the system has no such folder (only Linux does), or too little room there.
 */
async function folderInMemory(name: string): Promise<string | null> {
  try {
    const { bavail, bsize } = await statfs("/dev/shm");
    if (bavail * bsize < 4 * 1_024 ** 3) return null;
    const folder = await mkdtemp(`/dev/shm/cloudinary-webhooks-${name}-`);
    // Also when a signal ends the run: memory is scarcer than a disk.
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    return folder;
  } catch {
    return null;
  }
}
