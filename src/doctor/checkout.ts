import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readParts } from "../config.ts";
import type { Environment } from "../config.types.ts";
import { own } from "../lib/shared/own.ts";
import type { Settings } from "../settings.types.ts";
import { connectDatabase } from "./connect.ts";
import type { Connected, DoctorContext, NodePin, Records } from "./context.ts";
import { activity, standing } from "./receiver/activity.ts";
import { signals } from "./receiver/signals.ts";

export interface Checkout {
  folder: string;
  env: Environment;
  settings: Settings;
  siteUrl: string | null;
  isLocal: boolean;
}

/** What the checks look at from a checkout: its files, and variables from the shell and `.env`. `close` ends the connection. */
export async function checkoutContext({ folder, env, settings, siteUrl, isLocal }: Checkout) {
  const config = readParts(settings, "", isLocal ? { ...env, NETLIFY_DEV: "true" } : env);
  let connection: Promise<Connected> | undefined;
  let records: Promise<Records | null> | undefined;
  const context: DoctorContext = {
    env,
    config,
    settings,
    siteUrl: siteUrl ?? config.siteUrl?.replace(/\/+$/, "") ?? null,
    isLocal,
    nodeVersion: process.versions.node,
    nodePins: await readPins(folder, env),
    migrations: await readMigrations(folder),
    now: Date.now,
    async database() {
      if (config.databaseUrl === null) throw new Error("no usable DATABASE_URL is set");
      connection ??= connectDatabase(config.databaseUrl, config.databaseCa);
      return await connection;
    },
    async records() {
      records ??= readRecords(context);
      return await records;
    },
  };
  const close = async () => {
    const connected = await connection?.catch(() => undefined); // The check has reported it.
    await connected?.db.close();
  };
  return { context, close };
}

async function readRecords({ database, config }: DoctorContext): Promise<Records | null> {
  try {
    const { db } = await database();
    return { standing: await standing(db), signals: await signals(db, config), activity: await activity(db) };
  } catch {
    return null; // The checks of the database say why.
  }
}

async function readMigrations(folder: string): Promise<string[]> {
  const entries = await readdir(join(folder, "netlify/database/migrations"));
  return entries.map((name) => name.replace(/\.sql$/, "")).sort();
}

async function readPins(folder: string, env: Environment): Promise<NodePin[]> {
  const toml = await readText(join(folder, "netlify.toml"));
  const found: [string, string | undefined][] = [
    ["netlify.toml", /^\s*NODE_VERSION\s*=\s*"([^"]+)"/m.exec(toml)?.[1]],
    [".nvmrc", await readText(join(folder, ".nvmrc"))],
    [".node-version", await readText(join(folder, ".node-version"))],
    ["NODE_VERSION", own(env, "NODE_VERSION")],
    ["AWS_LAMBDA_JS_RUNTIME", own(env, "AWS_LAMBDA_JS_RUNTIME")],
  ];
  return found.flatMap(([name, version]) =>
    version === undefined || version.trim() === "" ? [] : [{ name, version: version.trim() }],
  );
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
