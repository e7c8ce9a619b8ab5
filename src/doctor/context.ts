import type { Environment, PartialConfig } from "../config.types.ts";
import type { Db } from "../lib/database/pool.ts";
import type { Settings } from "../settings.types.ts";
import type { Activity, Standing } from "./receiver/activity.ts";
import type { Signals } from "./receiver/signals.ts";

/** What the checks look at. Everything in it may be missing or wrong: finding that out is their purpose. */
export interface DoctorContext {
  /** The variables as they are set. */
  env: Environment;
  /** What can be read of them. */
  config: PartialConfig;
  settings: Settings;
  /** The receiver's address without a slash at the end; null: unknown. */
  siteUrl: string | null;
  /** `npm start` runs the receiver, or `netlify dev`. */
  isLocal: boolean;
  /** Of the process that the checks run in, such as 24.1.0. */
  nodeVersion: string;
  /** What the checkout and the environment make Netlify use. */
  nodePins: readonly NodePin[];
  /** Names of the migrations in the checkout; null: they are not at hand, as in a deployed function. */
  migrations: readonly string[] | null;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Connects at the first call; rejects with what the database or the network says. */
  database: () => Promise<Connected>;
  /** What the receiver has written into it, read once for all checks; null: the database or its tables cannot be used. */
  records: () => Promise<Records | null>;
}

export interface Records {
  standing: Standing;
  signals: Signals;
  activity: Activity;
}

export interface NodePin {
  /** The file or variable. */
  name: string;
  version: string;
}

export interface Connected {
  db: Db;
  encrypted: boolean;
  /** Encrypted, and the certificate could not be verified. */
  unverified: boolean;
}
