import { parseArgs } from "node:util";
import { readCa, readDatabaseUrl } from "../lib/database/connection.ts";
import { pasted } from "../lib/shared/pasted.ts";
import { migrateDatabase } from "./apply-migrations.ts";
import { readEnvironment } from "./environment.ts";
import { reportError, UserError } from "./user-error.ts";

const usage = `npm run migrate             bring the tables of DATABASE_URL up to date
npm run migrate -- --build  the same as a step of Netlify's build, where MIGRATE_ON_BUILD=true is set

DATABASE_URL comes from the shell or .env. The command prints host and database, waits while another
one migrates, and changes nothing when the tables are up to date. docs/going-live.md says which rights it needs.`;

await main().catch((error: unknown) => {
  process.exitCode = reportError(error);
});

async function main(): Promise<void> {
  const { help, build } = options();
  if (help) return console.log(usage);
  const folder = process.cwd();
  const env = readEnvironment(folder);
  const skipped = build ? whySkipped(env) : null;
  if (skipped !== null) return console.log(`No migration in this build: ${skipped}.`);
  const { url, ca, warnings } = target(env);
  const place = new URL(url);
  const where = `${place.hostname}${place.port && `:${place.port}`}, database ${decodeURIComponent(place.pathname.slice(1))}`;
  console.log(`Host ${where}, user ${decodeURIComponent(place.username)}`);
  for (const warning of warnings) console.log(`Warning: ${warning}.`);
  const onWait = () => console.log("Another migration of this database is running; waiting for it.");
  const { applied, server } = await migrateDatabase({ folder, url, ca, onWait }).catch((cause: unknown) => {
    throw new UserError(`Nothing was changed. ${reason(cause)}`, 1, { cause });
  });
  console.log(`PostgreSQL ${server.version}, ${server.encrypted ? "encrypted" : "not encrypted"}`);
  if (applied.length === 0) console.log("Up to date: nothing to apply.");
  else console.log(`Applied ${applied.length}:\n${applied.map((name) => `  ${name}`).join("\n")}`);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        build: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch (cause) {
    throw new UserError(`${cause instanceof Error ? cause.message : cause}\n\n${usage}`, 2, { cause });
  }
}

/** Deploy previews share the variables of production, and must not change its tables. */
function whySkipped(env: Readonly<Record<string, string>>): string | null {
  if (env.MIGRATE_ON_BUILD !== "true") return "MIGRATE_ON_BUILD is not true";
  if (env.CONTEXT !== "production")
    return `this is a build for ${env.CONTEXT ?? "no deploy context"}, not for production`;
  return null;
}

interface Target {
  url: string;
  ca: string | null;
  warnings: string[];
}

/** Never the embedded database, nor Netlify's own, which Netlify migrates itself: only what DATABASE_URL names. */
function target(env: Readonly<Record<string, string>>): Target {
  const text = pasted("DATABASE_URL", env.DATABASE_URL ?? "");
  if (text === "")
    throw new UserError(
      "DATABASE_URL is not set, in the shell or in .env. Netlify applies the migrations to its own database itself; `npm start` to the embedded one.",
      2,
    );
  const caText = pasted("DATABASE_CA", env.DATABASE_CA ?? "");
  const ca = caText === "" ? null : readCa(caText);
  if (caText !== "" && ca === null) throw new UserError("DATABASE_CA holds no certificate.", 2);
  const reading = readDatabaseUrl("DATABASE_URL", text, ca);
  if (!reading.ok) throw new UserError(`${reading.problem}.`, 2);
  return { url: reading.url, ca, warnings: reading.warnings };
}

/** The database's words, and what to do about the common ones. Neither holds the password. */
function reason(error: unknown): string {
  const words = error instanceof Error ? error.message || String(error.cause ?? error.name) : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return [`${words}.`, advice(code, words)].filter(Boolean).join(" ");
}

function advice(code: string, words: string): string {
  if (code === "42501")
    return "The user needs CREATE on the database (for the schema netlify) and on the schema public: see docs/going-live.md.";
  if (code === "28P01" || code === "28000") return "User or password is wrong.";
  if (code === "3D000") return "Create the database first.";
  if (code === "ENOTFOUND") return "The host in DATABASE_URL does not exist.";
  if (/certificate|self.signed/i.test(`${code} ${words}`))
    return "Set DATABASE_CA to the certificate of the database's authority, which its provider offers to download.";
  return /does not support SSL/.test(words) ? "Remove sslmode, or turn TLS on at the server." : "";
}
