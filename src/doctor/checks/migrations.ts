import type { Db } from "../../lib/database/pool.ts";
import { type Finding, failed, ok, warning } from "../finding.ts";

/** Without these no notification is received or delivered. */
const tables = [
  "notifications",
  "notification_asset",
  "deliveries",
  "attempts",
  "refusals",
  "pulse",
  "paused_handlers",
  "heartbeats",
];

const migrate =
  "Run `npm run migrate` with DATABASE_URL set. Netlify's own database is migrated by its build.";

/** Whether the tables are there, may be used, and fit this version. */
export async function checkMigrations(db: Db, expected: readonly string[] | null): Promise<Finding[]> {
  const { rows } = await db.query<{ name: string; lacks: string[] }>(rightsStatement, [tables]);
  const there = new Set(rows.map(({ name }) => name));
  const gone = tables.filter((name) => !there.has(name));
  if (gone.length === tables.length)
    return [
      failed("database.tables", "The database has no tables of the receiver", {
        why: "Hooks answer 503 to every notification.",
        fix: migrate,
      }),
    ];
  const applied = await readApplied(db);
  return [rights(rows), ...(gone.length > 0 ? [incomplete(gone)] : []), ...order(applied, expected)];
}

const rightsStatement = `
select t.name, array_remove(array[
         case when not has_table_privilege(c.oid, 'SELECT') then 'SELECT' end,
         case when not has_table_privilege(c.oid, 'INSERT') then 'INSERT' end,
         case when not has_table_privilege(c.oid, 'UPDATE') then 'UPDATE' end,
         case when not has_table_privilege(c.oid, 'DELETE') then 'DELETE' end], null) as lacks
from unnest($1::text[]) as t (name) join pg_class c on c.oid = to_regclass(t.name)`;

function rights(rows: readonly { name: string; lacks: string[] }[]): Finding {
  const lacking = rows.filter(({ lacks }) => lacks.length > 0);
  if (lacking.length === 0) return ok("database.rights", "The user may read and write the tables");
  const [first] = lacking;
  return failed(
    "database.rights",
    `The user lacks rights on ${lacking.length} of ${rows.length} tables, such as ${first?.lacks.join(", ")} on ${first?.name}`,
    {
      why: "Notifications cannot be recorded or delivered.",
      fix: "As the owner of the tables: grant select, insert, update, delete on all tables in schema public to the user of DATABASE_URL.",
    },
  );
}

const incomplete = (gone: readonly string[]): Finding =>
  failed("database.tables", `Tables are missing: ${gone.join(", ")}`, {
    why: "Parts of the receiver fail.",
    fix: migrate,
  });

/** null: the list cannot be read, as where the tables were made another way. */
async function readApplied(db: Db): Promise<string[] | null> {
  try {
    const { rows } = await db.query<{ name: string }>("select name from netlify.migrations order by name");
    return rows.map(({ name }) => name);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    // No such schema or table, or no right to read it.
    if (["3F000", "42P01", "42501"].includes(code)) return null;
    throw error;
  }
}

function order(applied: readonly string[] | null, expected: readonly string[] | null): Finding[] {
  if (expected === null) return [];
  if (applied === null)
    return [
      warning("database.migrations", "The list of applied migrations (netlify.migrations) cannot be read", {
        why: "Whether the tables fit this version is unknown.",
        fix: "Run this command as the user that migrates, or migrate with `npm run migrate`.",
      }),
    ];
  const pending = expected.filter((name) => !applied.includes(name));
  const newer = applied.filter((name) => !expected.includes(name));
  return [
    pending.length === 0
      ? ok("database.migrations", `All ${expected.length} migrations are applied`)
      : failed("database.migrations", `${pending.length} migrations are pending: ${pending.join(", ")}`, {
          why: "New code on old tables records notifications, but its sweep and other parts fail.",
          fix: migrate,
        }),
    ...(newer.length === 0
      ? []
      : [
          warning(
            "database.newer",
            `Migrations are applied that this checkout does not have: ${newer.join(", ")}`,
            {
              why: "Another version has migrated this database. Migrations only add, so this version should still work.",
              fix: "Check out the version that is deployed.",
            },
          ),
        ]),
  ];
}
