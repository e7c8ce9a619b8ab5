import { migrateDatabase } from "../../cli/apply-migrations.ts";
import { errorText } from "../../lib/shared/log.ts";
import { StartProblem } from "./start-problem.ts";

/** Brings the tables up to date, as `npm run migrate` does. Returns the names of what was applied. */
export async function migrate(folder: string, url: string, ca: string | null = null): Promise<string[]> {
  try {
    return (await migrateDatabase({ folder, url, ca })).applied;
  } catch (cause) {
    throw new StartProblem(`The database could not be brought up to date. ${errorText(cause)}`, { cause });
  }
}
