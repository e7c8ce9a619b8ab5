import { fileURLToPath } from "node:url";
import { applyMigrations, type SQLExecutor } from "@netlify/database-dev";
import pg from "pg";

export const migrationsDirectory = fileURLToPath(
  new URL("../../netlify/database/migrations", import.meta.url),
);

/** Creates a database on the server and applies the migrations with Netlify's own tooling. */
export async function createMigratedDatabase(serverUrl: string, name: string): Promise<string> {
  const url = await createDatabase(serverUrl, name);
  const client = new pg.Client(url);
  await client.connect();
  await applyTo(client, migrationsDirectory);
  await client.end();
  return url;
}

/** Creates an empty database on the server. */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const admin = new pg.Client(serverUrl);
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  return withDatabase(serverUrl, name);
}

/** Applies those migrations of a folder that the database does not have yet. */
export async function applyTo(client: pg.Client, directory: string): Promise<void> {
  await applyMigrations(executor(client), directory);
}

export function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function executor(client: pg.Client): SQLExecutor {
  const plain = {
    exec: (sql: string) => client.query(sql),
    query: async <T>(sql: string, params?: unknown[]) => {
      const { rows } = await client.query(sql, params);
      return { rows: rows as T[] };
    },
  };
  return {
    ...plain,
    async transaction(work) {
      await client.query("begin");
      const result = await work(plain);
      await client.query("commit");
      return result;
    },
  };
}
