import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { createMigratedDatabase } from "./migrate.ts";
import { postgresServer } from "./postgres-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A superuser's URL of a real PostgreSQL server's `postgres` database; `migrated` is a template beside it. */
    postgresUrl: string;
    /** For what several test files make once. */
    runFolder: string;
  }
}

/** Nothing is kept beyond the run, so nothing is written for a crash: a third of the cost of a new database. */
const unsafe = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "wal_level=minimal",
  "max_wal_senders=0",
  "io_method=sync", // Everything is in memory.
  "max_wal_size=128MB", // What was written is thrown away sooner.
];

/** One real PostgreSQL server for the whole run; each test file takes a database of its own from a migrated template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await postgresServer(["max_connections=300", ...unsafe], { fast: true });
  await createMigratedDatabase(url, "migrated");
  project.provide("postgresUrl", url);
  const runFolder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-run-"));
  project.provide("runFolder", runFolder);
  return async () => {
    await stop();
    await rm(runFolder, { recursive: true, force: true });
  };
}
