import { migrateDatabase } from "../../cli/apply-migrations.ts";
import { UserError } from "../../cli/user-error.ts";
import { errorText } from "../../lib/shared/log.ts";

/** Applies the migrations, like `npm run migrate`. Returns the names of the applied ones. */
export async function migrate(folder: string, url: string, ca: string | null = null): Promise<string[]> {
  try {
    return (await migrateDatabase({ folder, url, ca })).applied;
  } catch (cause) {
    throw new UserError(`The migrations could not be applied. ${errorText(cause)}`, 1, { cause });
  }
}
