import type { Config } from "../config.types.ts";
import { latest, standing } from "../doctor/receiver/activity.ts";
import { signals } from "../doctor/receiver/signals.ts";
import { warningsOf } from "../doctor/receiver/warnings.ts";
import type { Db } from "../lib/database/pool.ts";
import { errorText, log } from "../lib/shared/log.ts";
import type { Settings } from "../settings.types.ts";
import { causesOf } from "./causes.ts";
import type { AlertChannel } from "./channel.ts";
import { decide, forgetAlerts, nextAlert } from "./decide.ts";
import { sendAlerts } from "./send.ts";

export interface AlertOptions {
  db: Db;
  config: Config;
  settings: Settings;
  channels: readonly AlertChannel[];
}

/**
 * Finds what began or ended since the last run, logs each change, and sends the messages about them. Never throws: nothing that is
 * delivered depends on it. Returns when it has to run again; null if nothing is open.
 */
export async function runAlerts({ db, config, settings, channels }: AlertOptions): Promise<Date | null> {
  const { intervalMs } = settings.alerts;
  try {
    const [now, found, newest] = await Promise.all([standing(db), signals(db, config), latest(db)]);
    const warnings = warningsOf({
      standing: now,
      signals: found,
      activity: { ...newest, secrets: [], hours: [] },
      clockAheadMs: now.now - Date.now(),
      config,
    });
    const changes = await decide(db, {
      causes: causesOf(warnings),
      incomplete: found.isStuckCut ? ["dead", "held"] : [],
      intervalMs,
      channels: channels.map(({ name }) => name),
    });
    for (const { cause, active, what } of changes)
      log(active ? "error" : "info", active ? "alert" : "alert ended", { cause, what });
    await sendAlerts(db, channels);
    await forgetAlerts(db, settings.retention.days);
    return await nextAlert(db, intervalMs);
  } catch (error) {
    log("error", "alerts failed", { error: errorText(error) });
    return null;
  }
}
