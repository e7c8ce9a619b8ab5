import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { embeddedPostgres } from "./embedded-postgres.ts";
import { freePort } from "./free-port.ts";
import { createMigratedDatabase } from "./migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A superuser's URL of a real PostgreSQL server's `postgres` database; `migrated` is a template beside it. */
    postgresUrl: string;
  }
}

/** One real PostgreSQL server for the whole run; each test file takes a database of its own from a migrated template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const parent = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-postgres-"));
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
    postgresFlags: ["-c", "max_connections=300", "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const url = `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
  await createMigratedDatabase(url, "migrated");
  project.provide("postgresUrl", url);
  return async () => {
    await server.stop();
    await rm(parent, { recursive: true, force: true });
  };
}
