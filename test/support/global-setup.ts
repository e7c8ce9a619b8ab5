import type { TestProject } from "vitest/node";
import { createMigratedDatabase } from "./migrate.ts";
import { postgresServer } from "./postgres-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A superuser's URL of a real PostgreSQL server's `postgres` database; `migrated` is a template beside it. */
    postgresUrl: string;
  }
}

/** One real PostgreSQL server for the whole run; each test file takes a database of its own from a migrated template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await postgresServer(["max_connections=300", "fsync=off"]);
  await createMigratedDatabase(url, "migrated");
  project.provide("postgresUrl", url);
  return stop;
}
