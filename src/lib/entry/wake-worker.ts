import type { Config } from "../../config.types.ts";
import { settings } from "../../settings.ts";
import type { Db } from "../database/pool.ts";
import { nudge } from "../deliveries/nudge.ts";
import { wakeUps } from "../deliveries/wake-up.ts";
import { errorText, log } from "../shared/log.ts";

/** Starts a worker. Never throws: if it fails, the sweep delivers. */
export async function wakeWorker(db: Db, config: Config, origin: string): Promise<void> {
  try {
    const { secrets } = config;
    const answer = await nudge({ db, origin, secrets, maxWorkers: settings.deliver.maxWorkers });
    if (answer !== "not-answered") return;
    log("warn", "nudge not answered; the sweep will deliver", {});
    if (config.databaseSleeps) await wakeUps().schedule(new Date());
  } catch (error) {
    log("warn", "nudge failed; the sweep will deliver", { error: errorText(error) });
  }
}
