import { Hono } from "hono";
import type { Config, Environment } from "../../../config.types.ts";
import type { Records } from "../../../doctor/context.ts";
import type { Finding } from "../../../doctor/finding.ts";
import { localChecks } from "../../../doctor/local-checks.ts";
import { type Activity, activity, type Standing, standing } from "../../../doctor/receiver/activity.ts";
import { signals } from "../../../doctor/receiver/signals.ts";
import { errorPercent, type Warning, warningsOf } from "../../../doctor/receiver/warnings.ts";
import { diagnose } from "../../../doctor/run.ts";
import { connectionOptions } from "../../../lib/database/connection.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { errorText, log } from "../../../lib/shared/log.ts";
import { settings } from "../../../settings.ts";
import type { HealthLevels } from "../../../settings.types.ts";
import { sampleSecretName } from "../../shared/samples.ts";
import { accessIn, type Joined } from "../context.ts";

/** Public: without a token, only the level, as 200 or 503, for an uptime monitor; with a token, all details. */
export const health = new Hono<Joined>().get("/health", async (c) => {
  const { config, variables, db } = c.env;
  const asked = await ask(db, config);
  const ok = asked.level !== "down";
  const answer: HealthAnswer = accessIn(c).ok
    ? await detailed(asked, { config, variables, db })
    : { ok, level: asked.level };
  return c.json(answer, ok ? 200 : 503);
});

type Level = "ok" | "degraded" | "down";

interface Asked {
  /** The worst of `levels`; `down` if the database cannot be used. */
  level: Level;
  /** By setting; null if the database cannot be used. */
  levels: { dead: Level; held: Level; overdue: Level } | null;
  problem:
    | "database-not-reached"
    | "tables-missing"
    | "queue-stuck"
    | "too-many-dead"
    | "too-many-held"
    | null;
  standing: Standing | null;
  /** The database's clock minus ours, in ms; null if the database is unavailable. */
  clockAheadMs: number | null;
}

/** Never throws: an unavailable database is a valid result. */
async function ask(db: Db, { local }: Config): Promise<Asked> {
  try {
    const found = await standing(db);
    const lateMs = found.oldestDueAt === null ? 0 : found.now - found.oldestDueAt.getTime();
    const levels = {
      dead: levelOf(found.dead, settings.health.dead),
      held: levelOf(found.held, settings.health.held),
      // `netlify dev` does not run schedules, so overdue deliveries are normal there.
      overdue: local ? ("ok" as const) : levelOf(lateMs, settings.health.overdueMs),
    };
    const all = Object.values(levels);
    return {
      level: all.includes("down") ? "down" : all.includes("degraded") ? "degraded" : "ok",
      levels,
      problem:
        levels.overdue === "down"
          ? "queue-stuck"
          : levels.dead === "down"
            ? "too-many-dead"
            : levels.held === "down"
              ? "too-many-held"
              : null,
      standing: found,
      clockAheadMs: Math.round(found.now - Date.now()),
    };
  } catch (error) {
    log("error", "health: the database cannot be used", { error: errorText(error) });
    const missing = error instanceof Error && "code" in error && error.code === "42P01";
    return {
      level: "down",
      levels: null,
      problem: missing ? "tables-missing" : "database-not-reached",
      standing: null,
      clockAheadMs: null,
    };
  }
}

function levelOf(value: number, { degraded, down }: HealthLevels): Level {
  if (down !== null && value >= down) return "down";
  return degraded !== null && value >= degraded ? "degraded" : "ok";
}

interface Detailed extends Asked {
  ok: boolean;
  activity: Activity | null;
  /** The failure rate of the attempts of the last day; null if there were too few. */
  errorPercent: number | null;
  warnings: Warning[];
  /** What `webhooks doctor` finds as well, without its checks of other services; those that are not ok. */
  findings: Finding[];
  secrets: SecretUse[];
}

type HealthAnswer = { ok: boolean; level: Level } | Detailed;

interface SecretUse {
  name: string;
  /** null if it does not expire, or is no longer configured. */
  expiresAt: Date | null;
  configured: boolean;
  /** In the last day. */
  count: number;
  lastAt: Date | null;
}

async function detailed(asked: Asked, { config, variables, db }: Means): Promise<Detailed> {
  const [lastDay, found] = asked.standing
    ? await Promise.all([activity(db), signals(db, config)])
    : [null, null];
  return {
    ok: asked.level !== "down",
    ...asked,
    activity: lastDay,
    errorPercent: lastDay && errorPercent(lastDay),
    warnings:
      asked.standing && lastDay && found
        ? warningsOf({ ...asked, standing: asked.standing, signals: found, activity: lastDay, config })
        : [],
    findings: await findingsOf({
      config,
      variables,
      db,
      records:
        asked.standing && lastDay && found
          ? { standing: asked.standing, signals: found, activity: lastDay }
          : null,
    }),
    secrets: secretUse(config, lastDay),
  };
}

interface Means {
  config: Config;
  variables: Environment;
  db: Db;
}

interface Found extends Means {
  records: Records | null;
}

async function findingsOf({ config, variables, db, records }: Found): Promise<Finding[]> {
  const { ssl } = connectionOptions(config.databaseUrl, config.databaseCa);
  const findings = await diagnose(
    {
      env: variables,
      config: { ...config, problems: [] },
      settings,
      siteUrl: null,
      isLocal: config.local,
      nodeVersion: process.versions.node,
      nodePins: [],
      migrations: null,
      now: Date.now,
      database: async () => ({ db, encrypted: ssl !== false, unverified: false }),
      records: async () => records,
    },
    localChecks,
  );
  return findings.filter(({ level }) => level === "warning" || level === "failed");
}

function secretUse({ secrets }: Config, lastDay: Activity | null): SecretUse[] {
  const used = (lastDay?.secrets ?? []).filter(({ name }) => name !== sampleSecretName);
  const configured = secrets.map(({ name, expiresAt }) => {
    const use = used.find((entry) => entry.name === name);
    return {
      name,
      expiresAt: expiresAt === null ? null : new Date(expiresAt),
      configured: true,
      count: use?.count ?? 0,
      lastAt: use?.lastAt ?? null,
    };
  });
  const gone = used.filter(({ name }) => secrets.every((secret) => secret.name !== name));
  return [...configured, ...gone.map((use) => ({ ...use, expiresAt: null, configured: false }))];
}
