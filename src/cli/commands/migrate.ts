import { Command } from "@commander-js/extra-typings";
import { readCa, readDatabaseUrl } from "../../lib/database/connection.ts";
import { handlerProblems } from "../../lib/deliveries/start-handlers.ts";
import { pasted } from "../../lib/shared/pasted.ts";
import { settings } from "../../settings.ts";
import { examples, jsonOption } from "../command.ts";
import { type Environment, readEnvironment } from "../environment.ts";
import { printJson } from "../output.ts";
import { UserError } from "../user-error.ts";

export const migrate = new Command("migrate")
  .summary("apply pending migrations to the database in DATABASE_URL")
  .description(
    "Applies pending migrations to the database in DATABASE_URL, from the shell or .env. Waits while another " +
      "migration runs, and changes nothing if the tables are up to date. docs/going-live.md lists the rights that the " +
      "database user needs.",
  )
  .option(
    "--build",
    "run as a step of Netlify's build: only for production, and only if MIGRATE_ON_BUILD=true",
  )
  .addOption(jsonOption)
  .addHelpText("after", examples(["migrate", "migrate --json"]))
  .action(async ({ build = false, json = false }) => {
    const folder = process.cwd();
    const env = readEnvironment(folder);
    const say = json ? () => undefined : (line: string) => console.log(line);
    if (build) await checkHandlers();
    const skipped = build ? whySkipped(env) : null;
    if (skipped !== null) {
      say(`No migration in this build: ${skipped}.`);
      if (json) printJson({ skipped, applied: [] });
      return;
    }
    const { url, ca, warnings } = readTarget(env);
    const place = new URL(url);
    const database = decodeURIComponent(place.pathname.slice(1));
    const user = decodeURIComponent(place.username);
    say(`Host ${place.host}, database ${database}, user ${user}`);
    for (const warning of warnings) say(`Warning: ${warning}.`);
    // Loaded only here, because it is larger than all other parts of the command line.
    const { migrateDatabase } = await import("../apply-migrations.ts");
    const onWait = () => say("Another migration of this database is running; waiting for it.");
    const { applied, server } = await migrateDatabase({ folder, url, ca, onWait }).catch((cause: unknown) => {
      throw new UserError(`Nothing was changed. ${reasonOf(cause)}`, 1, { cause });
    });
    say(`PostgreSQL ${server.version}, ${server.encrypted ? "encrypted" : "not encrypted"}`);
    if (applied.length === 0) say("Up to date: nothing to apply.");
    else say(`Applied ${applied.length}:\n${applied.map((name) => `  ${name}`).join("\n")}`);
    if (json) printJson({ skipped, host: place.host, database, user, warnings, server, applied });
  });

/** A build with a route to a handler that does not exist must not be deployed. Loaded only here, with the packages of all handlers. */
async function checkHandlers(): Promise<void> {
  const { handlers } = await import("../../handlers/list.ts");
  const problems = handlerProblems(settings, handlers);
  if (problems.length > 0) throw new UserError(`Not built. ${problems.join(". ")}.`);
}

/** Deploy previews share the variables of production, and must not change its tables. */
function whySkipped(env: Environment): string | null {
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

/** Only the database in DATABASE_URL, never the embedded database, or Netlify's own, which Netlify migrates itself. */
function readTarget(env: Environment): Target {
  const text = pasted("DATABASE_URL", env.DATABASE_URL ?? "");
  if (text === "")
    throw new UserError(
      "DATABASE_URL is not set, in the shell or in .env. Netlify migrates its own database automatically, and `npm start` migrates the embedded one.",
      2,
    );
  const caText = pasted("DATABASE_CA", env.DATABASE_CA ?? "");
  const ca = caText === "" ? null : readCa(caText);
  if (caText !== "" && ca === null) throw new UserError("DATABASE_CA contains no certificate.", 2);
  const reading = readDatabaseUrl("DATABASE_URL", text, ca);
  if (!reading.ok) throw new UserError(`${reading.problem}.`, 2);
  return { url: reading.url, ca, warnings: reading.warnings };
}

/** The database's message, and how to fix the common errors. Neither contains the password. */
function reasonOf(error: unknown): string {
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
