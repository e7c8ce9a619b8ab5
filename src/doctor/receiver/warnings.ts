import type { Config } from "../../config.types.ts";
import type { UnreachableRecipient } from "../../handlers/email/refused-recipients.ts";
import type { Db } from "../../lib/database/pool.ts";
import { errorText, log } from "../../lib/shared/log.ts";
import { settings } from "../../settings.ts";
import type { Activity, Standing } from "./activity.ts";
import type { Backlog, Signals, StuckCause } from "./signals.ts";

/**
 * The warnings for operators: the one list that Health, `webhooks doctor` and alerts read (src/alerts/causes.ts says which are alerts).
 * Their texts are in warning-finding.ts.
 */
export type Warning =
  | { kind: "refused"; count: number; reasons: string[]; verifiedAt: Date | null }
  | { kind: "no-upload"; hours: number }
  | { kind: "only-reconciled"; count: number }
  | { kind: "sweep-late"; minutes: number }
  | { kind: "background-silent"; missedAt: Date }
  | { kind: "recipient-refused"; recipient: UnreachableRecipient }
  | { kind: "clock"; aheadMs: number }
  | { kind: "overdue"; count: number; minutes: number }
  | { kind: "backlog"; backlog: Backlog }
  | { kind: "deletions"; count: number; cap: number }
  | { kind: "dead"; count: number; causes: StuckCause[] }
  | { kind: "held"; count: number; causes: StuckCause[] }
  | { kind: "errors"; percent: number }
  | { kind: "pictures-removed"; count: number }
  | { kind: "pictures-stale"; count: number }
  | { kind: "secret-ends"; name: string; at: Date }
  | { kind: "operator-token"; problem: string }
  | { kind: "settings"; problem: string }
  | { kind: "configuration"; problem: string }
  | { kind: "no-account" }
  | { kind: "no-mail" };

const { quietMs } = settings.console;
const { alerts } = settings;
const minuteMs = 60_000;
/** The sweep runs every 5 minutes. If the database can sleep, the sweep queries it at least every 6 hours. */
const sweepLateMinutes = { awake: 15, asleep: 6 * 60 + 15 };
const maxClockMs = 30_000;
const maxErrorPercent = 20;
/** With fewer attempts, the rate is not meaningful. */
const leastAttempts = 10;
/** Cloudinary sends a notification up to four times, so a single wrong one is not three rejections of the same cause. */
const minRefusals = 3;

interface Health {
  standing: Standing;
  signals: Signals;
  activity: Activity;
  clockAheadMs: number | null;
  config: Config;
}

export function warningsOf({ standing, signals, activity, clockAheadMs, config }: Health): Warning[] {
  const { now } = standing;
  const all: Warning[] = [
    ...lost(activity, now),
    ...refused(signals),
    ...waiting(standing, signals),
    ...late(activity, config, now),
  ];
  const { backgroundMissedAt: missedAt, deletions } = signals;
  if (missedAt !== null) all.push({ kind: "background-silent", missedAt });
  for (const recipient of signals.unreachable) all.push({ kind: "recipient-refused", recipient });
  const cap = settings.moderation.maxDeletionsPerHour;
  if (deletions > 0 && deletions >= cap * alerts.deletionsShare)
    all.push({ kind: "deletions", count: deletions, cap });
  if (clockAheadMs !== null && Math.abs(clockAheadMs) > maxClockMs)
    all.push({ kind: "clock", aheadMs: clockAheadMs });
  if (standing.picturesRemoved > settings.pim.warnDeletionsPerHour)
    all.push({ kind: "pictures-removed", count: standing.picturesRemoved });
  if (standing.stalePictures > 0) all.push({ kind: "pictures-stale", count: standing.stalePictures });
  const percent = errorPercent(activity);
  if (percent !== null && percent > maxErrorPercent) all.push({ kind: "errors", percent });
  for (const { name, expiresAt } of config.secrets)
    if (expiresAt !== null && expiresAt - now < alerts.secretDays * 24 * 60 * minuteMs)
      all.push({ kind: "secret-ends", name, at: new Date(expiresAt) });
  for (const problem of config.operatorProblems) all.push({ kind: "operator-token", problem });
  for (const problem of config.settingsProblems) all.push({ kind: "settings", problem });
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

/** Requests are rejected, and none is verified: probably none of Cloudinary's arrives. */
function refused({ refused: { count, reasons, verifiedAt } }: Signals): Warning[] {
  return count < minRefusals ? [] : [{ kind: "refused", count, reasons, verifiedAt }];
}

function waiting(
  { dead, held, overdue, oldestDueAt, now }: Standing,
  { stuck, backlogs }: Signals,
): Warning[] {
  const all: Warning[] = [];
  const lateMs = oldestDueAt ? now - oldestDueAt.getTime() : 0;
  if (oldestDueAt && lateMs >= alerts.overdueMs)
    all.push({ kind: "overdue", count: overdue, minutes: Math.floor(lateMs / minuteMs) });
  for (const backlog of backlogs)
    if (backlog.count > alerts.backlog.most || now - backlog.oldestAt.getTime() > alerts.backlog.waitingMs)
      all.push({ kind: "backlog", backlog });
  const causes = (state: StuckCause["state"]) => stuck.filter((cause) => cause.state === state);
  if (dead > 0) all.push({ kind: "dead", count: dead, causes: causes("dead") });
  if (held > 0) all.push({ kind: "held", count: held, causes: causes("held") });
  return all;
}

function late({ heartbeats }: Activity, { databaseSleeps }: Config, now: number): Warning[] {
  const sweep = heartbeats.find(({ name }) => name === "sweep");
  if (!sweep) return []; // It has never run: the site was just deployed, or does not write heartbeats.
  const minutes = Math.floor((now - sweep.at.getTime()) / minuteMs);
  return minutes > maxSweepMinutes(databaseSleeps) ? [{ kind: "sweep-late", minutes }] : [];
}

function maxSweepMinutes(databaseSleeps: boolean): number {
  return databaseSleeps ? sweepLateMinutes.asleep : sweepLateMinutes.awake;
}

/** Whether the sweep ran before and is now late. Never throws: false if the database is unavailable. */
export async function isSweepLate(db: Db, databaseSleeps: boolean): Promise<boolean> {
  try {
    const { rows } = await db.query(
      "select from heartbeats where name = 'sweep' and at < now() - $1::int * interval '1 minute'",
      [maxSweepMinutes(databaseSleeps) + 1],
    );
    return rows.length > 0;
  } catch (error) {
    log("warn", "the sweep's heartbeat was not read", { error: errorText(error) });
    return false;
  }
}

/** The failure rate of the attempts of the last day; null if there were too few. */
export function errorPercent({ hours }: Activity): number | null {
  const failed = hours.reduce((sum, hour) => sum + hour.failed, 0);
  const ended = failed + hours.reduce((sum, hour) => sum + hour.settled, 0);
  return ended < leastAttempts ? null : Math.round((failed / ended) * 100);
}
