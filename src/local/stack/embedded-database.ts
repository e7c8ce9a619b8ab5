import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";
import { readIfThere } from "../../cli/read-if-there.ts";
import { UserError } from "../../cli/user-error.ts";

// `netlify dev` writes the address of its embedded database into its state file; the port changes at each start.
const stateSchema = z.looseObject({ dbConnectionString: z.string().optional() });

const statePath = (folder: string): string => join(folder, ".netlify/state.json");

/** The address that the running `netlify dev` has noted; null: none. */
export function embeddedDatabaseUrl(folder: string): string | null {
  return readState(folder).dbConnectionString ?? null;
}

function readState(folder: string): z.infer<typeof stateSchema> {
  try {
    return stateSchema.parse(JSON.parse(readIfThere(statePath(folder))));
  } catch {
    return {}; // Missing, or incomplete while being written.
  }
}

/** Throws if another `netlify dev` uses this folder's database, and deletes an outdated address. */
export async function requireUnused(folder: string): Promise<void> {
  const url = embeddedDatabaseUrl(folder);
  if (url === null) return;
  if (await answers(url)) {
    throw new UserError(
      "The embedded database of this folder is in use by another `netlify dev`. Stop that process first: two processes would corrupt the database.",
    );
  }
  await forgetAddress(folder);
}

/** Deletes the old address, so that an address that appears later is the new one. */
export async function forgetAddress(folder: string): Promise<void> {
  const { dbConnectionString, ...rest } = readState(folder);
  if (dbConnectionString === undefined) return;
  await writeFile(statePath(folder), JSON.stringify(rest));
}

/** Waits until `netlify dev` writes the address of its database. */
export async function awaitAddress(folder: string, signal: AbortSignal): Promise<string> {
  for (;;) {
    const url = embeddedDatabaseUrl(folder);
    if (url !== null) return url;
    await sleep(50, undefined, { signal });
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 2_000,
    query_timeout: 2_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false; // Nothing listens there, or not a database.
  } finally {
    await client.end().catch(() => undefined);
  }
}
