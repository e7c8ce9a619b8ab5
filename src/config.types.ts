import type { AkeneoVariables } from "./lib/shared/akeneo-variables.ts";
import type { Operator } from "./lib/shared/operators.ts";

export interface CloudinaryAccount {
  cloudName: string;
  apiKey: string;
  apiSecret: string;
  /** Where CLOUDINARY_URL points the SDK instead of Cloudinary's own host, as at a stand-in. */
  uploadPrefix?: string;
}

export interface MailAccount {
  apiKey: string;
  from: string;
  to: string[];
  /** Points the official client elsewhere; null for SendGrid's own host. */
  baseUrl: string | null;
}

/** Where changed products are posted to (the connector `pim:webhook`). */
export interface WebhookAccount {
  url: string;
  /** `whsec_...`; several during a rotation, each signs. */
  secrets: string[];
}

export interface Config {
  databaseUrl: string;
  /** Certificates of the database's own authority; null: those that Node trusts. */
  databaseCa: string | null;
  /** The database sleeps when idle and is billed awake: scheduled wake-ups decide when the sweep may touch it. */
  databaseSleeps: boolean;
  /** The secrets that verify notifications; never empty. */
  secrets: Secret[];
  cloudinary: CloudinaryAccount | null;
  /** The cloud whose assets are acted on: of CLOUDINARY_URL, else of the first secret; null: neither names one. */
  ownCloud: string | null;
  /** null when there is no key, no sender or no recipient: e-mail is skipped then. */
  mail: MailAccount | null;
  /** null: the connector is not configured. */
  pimWebhook: WebhookAccount | null;
  /** null: the connector `pim:akeneo` is not configured. */
  akeneo: AkeneoVariables | null;
  /** Empty: the console and its API are closed. */
  operators: Operator[];
  /** Entries of OPERATOR_TOKEN that open nothing, and why; never the token. */
  operatorProblems: string[];
  /** What is set wrongly, or is unsafe, and stops nothing; for the log and for operators. */
  warnings: string[];
  /** Under `netlify dev`. */
  local: boolean;
  /** The site's own address, where the console is; Netlify sets it. */
  siteUrl: string | null;
  /** The site's own address under `netlify dev`, where request.url follows the Host header. */
  localUrl: string | null;
}

export type ConfigReading = { ok: true; config: Config } | { ok: false; problems: string[] };

/** Everything that could be read, even if something else is wrong; for diagnosis. */
export interface PartialConfig extends Omit<Config, "databaseUrl"> {
  databaseUrl: string | null;
  /** Why nothing can be received. Names variables, never their values. */
  problems: string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** One of the secrets that Cloudinary may sign with; several during a rotation. */
export interface Secret {
  /** Shown to operators, stored with each notification. */
  name: string;
  value: string;
  /** Milliseconds since 1970; null: no end. */
  expiresAt: number | null;
  /** The cloud (product environment) whose notifications it signs; null where none is configured. */
  cloud: string | null;
}
