import { randomBytes } from "node:crypto";
import { Server } from "node:net";
import { NetlifyDB } from "@netlify/database-dev";
import pg from "pg";
import { inject } from "vitest";
import { type Db, database } from "../../src/lib/database/pool.ts";
import { prepared } from "../../src/lib/database/prepared.ts";
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
  // Files are copied in half the time that the default takes, which writes every page into the log.
  await admin(serverUrl, `create database ${name} template migrated strategy file_copy`);
  const url = withDatabase(serverUrl, name);
  const db = planningOnce(database({ url, max, timeoutMs: 20_000 }));
  return {
    url,
    db,
    async drop() {
      await db.close();
      await admin(serverUrl, `drop database ${name} with (force)`);
    },
  };
}

/**
 * Sends every statement with parameters by name, so that a connection plans it once. A receiver does so only where tables that grow
 * cannot make the plan a bad one (docs/decisions/0017-only-recording-is-prepared.md); here they stay small, and planning them again each time
 * took half of the database's time.
 */
function planningOnce(db: Db): Db {
  return {
    ...db,
    query: (text, params) =>
      db.query(params === undefined || params.length === 0 ? text : prepared(text), params),
  };
}

const emptying = new WeakMap<Db, Map<string, string>>();

/**
 * Deletes the rows of these tables and of all that refer to them, as `truncate … cascade` does, which makes and deletes some 200 files
 * for it and so takes 35 to 110 ms of a core before each test. Like it, waits for statements that still run.
 */
export async function empty(db: Db, ...tables: readonly string[]): Promise<void> {
  const known = emptying.get(db) ?? new Map<string, string>();
  emptying.set(db, known);
  const key = tables.join();
  const statements = known.get(key) ?? (await emptyingStatements(db, tables));
  known.set(key, statements);
  try {
    await db.query(statements);
  } catch (error) {
    // A statement that still ran had one of the tables and waited for another one, so PostgreSQL ended one of the two.
    if (!(error instanceof Error) || !("code" in error) || error.code !== "40P01") throw error;
    await db.query(statements);
  }
}

async function emptyingStatements(db: Db, tables: readonly string[]): Promise<string> {
  const { rows } = await db.query<{ name: string }>(
    `with recursive emptied (id) as (
       select name::regclass::oid from unnest($1::text[]) as name
       union select conrelid from pg_constraint join emptied on confrelid = id where contype = 'f'
     ) select id::regclass::text as name from emptied order by 1`,
    [tables],
  );
  const names = rows.map(({ name }) => name);
  // Several statements in one query are one transaction. The role keeps foreign keys from being checked in between.
  return [
    `lock table ${names.join()} in access exclusive mode`,
    "set local session_replication_role = replica",
    ...names.map((name) => `delete from ${name}`),
  ].join("; ");
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

/** How many sessions of this database wait for a lock. */
export async function waitingForLocks(db: Db): Promise<number> {
  const { rowCount } = await db.query(
    "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
  );
  return rowCount;
}
