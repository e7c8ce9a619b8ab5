import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Pool } from "../../src/lib/database/pg.generated.js";
import { migrationsDirectory } from "../support/migrate.ts";
import type { Scheduler } from "./scheduler.ts";
import { type Result, statements } from "./statements.ts";

// Before the migrations, so that the defaults of columns use them, too. `pg_catalog` comes after `public`, where these are.
const virtual = `
set search_path = public, pg_catalog;
create sequence public.virtual_ids;
create function public.now() returns timestamptz language sql stable
  as $$ select pg_catalog.to_timestamp(pg_catalog.current_setting('virtual.now')::float8 / 1000) $$;
create function public.gen_random_uuid() returns uuid language sql volatile
  as $$ select pg_catalog.md5(pg_catalog.nextval('public.virtual_ids')::text)::uuid $$;
set virtual.now = '0';`;

const bytea = (text: string) => Buffer.from(text.slice(2), "hex");
const asText = (text: string) => text;

/** Whether a statement fails, and whether it has had its effect by then. After `reset`, which it had, the pool sends it again. */
export type StatementFault = "before" | "after" | "reset" | null;

export type World = Awaited<ReturnType<typeof embedded>>;

/** PGlite in this process, with the clock and the identifiers of the history, behind the pool of the receiver. */
export async function embedded() {
  const pglite = await PGlite.create({ parsers: { 17: bytea, 20: asText, 1700: asText } });
  await pglite.exec(virtual);
  for (const name of readdirSync(migrationsDirectory)
    .filter((file) => file.endsWith(".sql"))
    .toSorted())
    await pglite.exec(readFileSync(join(migrationsDirectory, name), "utf8"));
  const { rows: tables } = await pglite.query<{ name: string }>(
    "select quote_ident(tablename) as name from pg_tables where schemaname = 'public'",
  );
  const filled: string[] = [];
  for (const { name } of tables)
    if ((await pglite.query(`select from ${name} limit 1`)).rows.length > 0) filled.push(name);
  for (const name of filled) await pglite.exec(`create table pg_temp.first_${name} as table ${name}`);

  const { rows: sequences } = await pglite.query<{ name: string }>(
    "select quote_ident(sequencename) as name from pg_sequences where schemaname = 'public'",
  );
  // What the plans are made for is the same in each process, however many histories it has played.
  await pglite.exec("vacuum analyze");
  await pglite.exec("set plan_cache_mode = force_generic_plan");
  const { run } = statements(pglite);
  // `delete`, because `truncate` makes new files for each table and index.
  const emptying = [
    "set session_replication_role = replica",
    ...tables.map(({ name }) => `delete from ${name}`),
    ...filled.map((name) => `insert into ${name} select * from pg_temp.first_${name}`),
    // Not `restart`, after which every statement would be planned again.
    ...sequences.map(({ name }) => `select setval('${name}', 1, false)`),
    "set session_replication_role = origin",
  ].join(";\n");
  let clock: number | null = null;

  async function query(text: string, params: readonly unknown[] = [], now: number): Promise<Result> {
    const tick = { text: "select set_config('virtual.now', $1, false)", values: [String(now)] };
    try {
      const result = await run(text, params.map(sendable), now === clock ? undefined : tick);
      clock = now;
      return result;
    } catch (error) {
      clock = null; // Undone with the statement.
      throw error;
    }
  }

  return {
    query,
    /** The tables as they are after the migrations. */
    async reset(): Promise<void> {
      await pglite.exec(emptying);
      // Where new rows lie, and so the order of rows that no statement sorts, must not depend on the histories before.
      await pglite.exec("vacuum");
    },
    /** From now on, statements of the receiver are steps of the history. */
    behind(scheduler: Scheduler, fault: () => StatementFault): void {
      const send = async ({ text, values }: { text: string; values: unknown[] }) => {
        const label = `statement ${text.trim().slice(0, 40).replaceAll(/\s+/g, " ")}`;
        const result = await scheduler.step(label, async () => {
          const failed = fault();
          if (failed === "before") throw dropped("ETIMEDOUT");
          const answered = await query(text, values, scheduler.now);
          return failed === null ? answered : dropped(failed === "reset" ? "ECONNRESET" : "ETIMEDOUT");
        });
        // The answer has a way of its own, on which the process may end.
        return await scheduler.step(`answer to ${label}`, () => {
          if (result instanceof Error) throw result;
          return result;
        });
      };
      // One of the forms that pg offers, which is the one that the receiver uses.
      Object.assign(Pool.prototype, { query: send });
    },
    close: () => pglite.close(),
  };
}

/** An array of JSON texts and the like as pg sends them. */
function sendable(param: unknown): unknown {
  return param instanceof Buffer ? new Uint8Array(param) : param;
}

const dropped = (code: string) => Object.assign(new Error("connection lost"), { code });
