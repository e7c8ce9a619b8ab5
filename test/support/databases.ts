import { randomBytes } from "node:crypto";
import { Server } from "node:net";
import { NetlifyDB } from "@netlify/database-dev";
import pg from "pg";
import { inject } from "vitest";
import { type Db, database } from "../../src/lib/database/pool.ts";
import { migrationsDirectory, withDatabase } from "./migrate.ts";

export interface TestDatabase {
  url: string;
  db: Db;
  /** Closes the connections and removes the database. */
  drop(): Promise<void>;
}

/** A migrated database of its own on the run's real PostgreSQL server. `max`: connections of `db`. */
export async function realDatabase(max = 4): Promise<TestDatabase> {
  const serverUrl = inject("postgresUrl");
  const name = `t_${randomBytes(6).toString("hex")}`;
  await admin(serverUrl, `create database ${name} template migrated`);
  const url = withDatabase(serverUrl, name);
  const db = database({ url, max, timeoutMs: 20_000 });
  return {
    url,
    db,
    async drop() {
      await db.close();
      await admin(serverUrl, `drop database ${name} with (force)`);
    },
  };
}

/** A migrated database on the PGlite that `netlify dev` starts: one session behind a socket. Takes about 1.5 s and 400 MB. */
export async function embeddedDatabase(max = 4): Promise<TestDatabase> {
  const server = new NetlifyDB({ logger: () => {} });
  const url = await server.start();
  answerAtOnce(server);
  await server.applyMigrations(migrationsDirectory);
  const db = database({ url, max, timeoutMs: 20_000 });
  return {
    url,
    db,
    async drop() {
      await db.close();
      await server.stop();
    },
  };
}

/**
 * The embedded server writes an answer in parts, and Nagle's algorithm holds each part back until the client has acknowledged the
 * one before, which takes 40 ms a statement. The statements and their answers are the same without it.
 */
function answerAtOnce(embedded: object): void {
  const listening = Object.values(embedded).find((value) => value instanceof Server);
  if (listening === undefined) throw new Error("the embedded database has no server");
  listening.on("connection", (socket) => socket.setNoDelay(true));
}

async function admin(serverUrl: string, sql: string): Promise<void> {
  // `create database ... template` refuses while another session is in the template, as when two files start at once.
  for (let tries = 1; ; tries += 1) {
    const client = new pg.Client(serverUrl);
    await client.connect();
    try {
      await client.query(sql);
      return;
    } catch (error) {
      if (tries === 20 || !(error instanceof Error) || !("code" in error) || error.code !== "55006")
        throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      await client.end();
    }
  }
}
