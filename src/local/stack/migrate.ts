import { migrateDatabase } from "../../cli/apply-migrations.ts";
import { UserError } from "../../cli/user-error.ts";
import { errorText } from "../../lib/shared/log.ts";

/** Brings the tables up to date, as `npm run migrate` does. Returns the names of what was applied. */
export async function migrate(folder: string, url: string, ca: string | null = null): Promise<string[]> {
  try {
    return (await migrateDatabase({ folder, url, ca })).applied;
  } catch (cause) {
    throw new UserError(`The database could not be brought up to date. ${errorText(cause)}`, 1, { cause });
  }
}
