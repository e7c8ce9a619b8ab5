import type { Config } from "../../config.types.ts";
import { settings } from "../../settings.ts";
import type { Activity, Standing } from "./activity.ts";

/** The warnings for operators; the page contains their texts. */
export type Warning =
  | { kind: "no-upload"; hours: number }
  | { kind: "only-reconciled"; count: number }
  | { kind: "sweep-late"; minutes: number }
  | { kind: "clock"; aheadMs: number }
  | { kind: "overdue"; count: number; minutes: number }
  | { kind: "dead"; count: number }
  | { kind: "held"; count: number }
  | { kind: "errors"; percent: number }
  | { kind: "pictures-removed"; count: number }
  | { kind: "pictures-stale"; count: number }
  | { kind: "secret-ends"; name: string; at: Date }
  | { kind: "operator-token"; problem: string }
  | { kind: "configuration"; problem: string }
  | { kind: "no-account" }
  | { kind: "no-mail" };

const { quietMs } = settings.console;
const minuteMs = 60_000;
/** The sweep runs every 5 minutes. If the database can sleep, the sweep queries it at least every 6 hours. */
const sweepLateMinutes = { awake: 15, asleep: 6 * 60 + 15 };
const maxClockMs = 30_000;
const maxErrorPercent = 20;
/** With fewer attempts, the rate is not meaningful. */
const leastAttempts = 10;
const overdueMinutes = 10;
const secretWarningDays = 14;

interface Health {
  standing: Standing;
  activity: Activity;
  clockAheadMs: number | null;
  config: Config;
}

export function warningsOf({ standing, activity, clockAheadMs, config }: Health): Warning[] {
  const { now } = standing;
  const all: Warning[] = [...lost(activity, now), ...waiting(standing), ...late(activity, config, now)];
  if (clockAheadMs !== null && Math.abs(clockAheadMs) > maxClockMs)
    all.push({ kind: "clock", aheadMs: clockAheadMs });
  if (standing.picturesRemoved > settings.pim.warnDeletionsPerHour)
    all.push({ kind: "pictures-removed", count: standing.picturesRemoved });
  if (standing.stalePictures > 0) all.push({ kind: "pictures-stale", count: standing.stalePictures });
  const percent = errorPercent(activity);
  if (percent !== null && percent > maxErrorPercent) all.push({ kind: "errors", percent });
  for (const { name, expiresAt } of config.secrets)
    if (expiresAt !== null && expiresAt - now < secretWarningDays * 24 * 60 * minuteMs)
      all.push({ kind: "secret-ends", name, at: new Date(expiresAt) });
  for (const problem of config.operatorProblems) all.push({ kind: "operator-token", problem });
  for (const problem of config.warnings) all.push({ kind: "configuration", problem });
  if (config.cloudinary === null) all.push({ kind: "no-account" });
  if (config.mail === null) all.push({ kind: "no-mail" });
  return all;
}

/** Indications that notifications do not arrive. */
function lost({ types, hours }: Activity, now: number): Warning[] {
  const all: Warning[] = [];
  const upload = types.find(({ type }) => type === "upload");
  const quiet = upload ? now - upload.lastAt.getTime() : 0;
  if (quietMs !== null && quiet >= quietMs)
    all.push({ kind: "no-upload", hours: Math.floor(quiet / (60 * minuteMs)) });
  const reconciled = hours.reduce((sum, hour) => sum + hour.reconciled, 0);
  if (reconciled > 0) all.push({ kind: "only-reconciled", count: reconciled });
  return all;
}

function waiting({ dead, held, overdue, oldestDueAt, now }: Standing): Warning[] {
  const all: Warning[] = [];
  const minutes = oldestDueAt ? Math.floor((now - oldestDueAt.getTime()) / minuteMs) : 0;
  if (minutes >= overdueMinutes) all.push({ kind: "overdue", count: overdue, minutes });
  if (dead > 0) all.push({ kind: "dead", count: dead });
  if (held > 0) all.push({ kind: "held", count: held });
  return all;
}

function late({ heartbeats }: Activity, { databaseSleeps }: Config, now: number): Warning[] {
  const sweep = heartbeats.find(({ name }) => name === "sweep");
  if (!sweep) return []; // It has never run: the site was just deployed, or does not write heartbeats.
  const minutes = Math.floor((now - sweep.at.getTime()) / minuteMs);
  const maxMinutes = databaseSleeps ? sweepLateMinutes.asleep : sweepLateMinutes.awake;
  return minutes > maxMinutes ? [{ kind: "sweep-late", minutes }] : [];
}

/** The failure rate of the attempts of the last day; null if there were too few. */
export function errorPercent({ hours }: Activity): number | null {
  const failed = hours.reduce((sum, hour) => sum + hour.failed, 0);
  const ended = failed + hours.reduce((sum, hour) => sum + hour.settled, 0);
  return ended < leastAttempts ? null : Math.round((failed / ended) * 100);
}
