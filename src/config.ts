import type { Secret } from "./lib/receive/verify.ts";
import { type Operator, readOperators } from "./lib/shared/operators.ts";
import { own } from "./lib/shared/own.ts";
import { conceal } from "./lib/shared/redact.ts";
import type { Settings } from "./settings.ts";

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
  /** The database sleeps when idle and is billed awake: the alarm decides when the sweep may touch it. */
  databaseSleeps: boolean;
  /** Never empty. */
  secrets: Secret[];
  cloudinary: CloudinaryAccount | null;
  /** null when there is no key, no sender or no recipient: e-mail is skipped then. */
  mail: MailAccount | null;
  /** null: the connector is not configured. */
  pimWebhook: WebhookAccount | null;
  /** Empty: the console and its API are closed. */
  operators: Operator[];
  /** Entries of OPERATOR_TOKEN that open nothing, and why; never the token. */
  operatorProblems: string[];
  /** Under `netlify dev`. */
  local: boolean;
  /** The site's own address, where the console is; Netlify sets it. */
  siteUrl: string | null;
  /** The site's own address under `netlify dev`, where request.url follows the Host header. */
  localUrl: string | null;
}

export type ConfigReading = { ok: true; config: Config } | { ok: false; problems: string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** Deploy contexts that are not production; `netlify dev` has ''. */
const previews = new Set(["deploy-preview", "branch-deploy"]);

export function isPreview(deployContext: string): boolean {
  return previews.has(deployContext);
}

/**
 * The only reader of the environment. Lists everything at once without which nothing can be received, by name, never by value.
 * In a preview with a database of its own (settings), that one is used.
 */
export function readConfig(
  settings: Settings,
  deployContext = "",
  env: Environment = process.env,
): ConfigReading {
  const problems: string[] = [];
  const present = (name: string) => own(env, name)?.trim() || undefined;

  const previewVariable = isPreview(deployContext) ? settings.previewDatabaseVariable : null;
  const ownUrl = previewVariable ? present(previewVariable) : present("DATABASE_URL");
  const databaseUrl = ownUrl ?? (previewVariable ? undefined : present("NETLIFY_DB_URL"));
  if (!databaseUrl) problems.push(`${previewVariable ?? "DATABASE_URL (or NETLIFY_DB_URL)"} is missing`);

  const cloudinary = readCloudinaryUrl(present("CLOUDINARY_URL"), problems);
  const secrets = readSecrets(present("CLOUDINARY_WEBHOOK_SECRETS"), problems);
  if (cloudinary) secrets.push({ name: "CLOUDINARY_URL", value: cloudinary.apiSecret, expiresAt: null });
  if (secrets.length === 0 && problems.every((problem) => !problem.startsWith("CLOUDINARY_")))
    problems.push(
      "CLOUDINARY_URL or CLOUDINARY_WEBHOOK_SECRETS is missing: without a secret nothing can be verified",
    );

  const { operators, problems: operatorProblems } = readOperators(present("OPERATOR_TOKEN"));
  const mail = readMail(present);
  const pimWebhook = readPimWebhook(present);
  for (const value of [
    present("SENDGRID_API_KEY"),
    ...secrets.map((s) => s.value),
    ...operators.map((o) => o.token),
    ...(pimWebhook?.secrets ?? []),
  ])
    conceal(value);

  if (problems.length > 0 || !databaseUrl) return { ok: false, problems };
  return {
    ok: true,
    config: {
      databaseUrl,
      databaseSleeps: settings.databaseSleeps ?? ownUrl === undefined,
      secrets,
      cloudinary,
      mail,
      pimWebhook,
      operators,
      operatorProblems,
      local: present("NETLIFY_DEV") === "true",
      siteUrl: present("URL") ?? null,
      localUrl: present("NETLIFY_DEV") === "true" ? (present("URL") ?? null) : null,
    },
  };
}

/** Values that sample files and Cloudinary's own documentation put where a secret belongs. */
function isPlaceholder(secret: string): boolean {
  return /[<>*\s]|^(your_)?(api_)?secret$|^change[-_]?me$|^x+$/i.test(secret);
}

function readCloudinaryUrl(url: string | undefined, problems: string[]): CloudinaryAccount | null {
  if (url === undefined) return null;
  const parts = /^cloudinary:\/\/([^:@/?]+):([^@/?]*)@([^/?]+)/.exec(url);
  const [, apiKey = "", secret = "", cloudName = ""] = parts ?? [];
  const apiSecret = decode(secret);
  if (!parts) problems.push("CLOUDINARY_URL is not of the form cloudinary://key:secret@cloud");
  else if (!apiSecret || isPlaceholder(apiSecret))
    problems.push("CLOUDINARY_URL holds a placeholder instead of a secret");
  else {
    const uploadPrefix = new URLSearchParams(url.split("?")[1]).get("upload_prefix");
    return {
      cloudName,
      apiKey: decode(apiKey),
      apiSecret,
      ...(uploadPrefix && URL.canParse(uploadPrefix) && { uploadPrefix }),
    };
  }
  return null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A literal percent sign: the secret is meant as it stands.
  }
}

/** `name:secret` or `name:secret@YYYY-MM-DD`, separated by spaces; a dated one is accepted to the end of that day, UTC. */
function readSecrets(list: string | undefined, problems: string[]): Secret[] {
  const secrets: Secret[] = [];
  for (const entry of list?.split(/\s+/) ?? []) {
    const parts = /^([\w.-]+):(.*?)(?:@(\d{4}-\d{2}-\d{2}))?$/.exec(entry);
    const [, name = "", value = "", day] = parts ?? [];
    const expiresAt = day ? Date.parse(`${day}T23:59:59.999Z`) : null;
    const which = name
      ? `CLOUDINARY_WEBHOOK_SECRETS: ${name}`
      : `CLOUDINARY_WEBHOOK_SECRETS: entry ${secrets.length + 1}`;
    if (!parts) problems.push(`${which} is not of the form name:secret or name:secret@YYYY-MM-DD`);
    else if (!value || isPlaceholder(value)) problems.push(`${which} has no secret`);
    else if (Number.isNaN(expiresAt)) problems.push(`${which} has a date that does not exist`);
    else if (secrets.some((secret) => secret.name === name)) problems.push(`${which} stands there twice`);
    else secrets.push({ name, value, expiresAt });
  }
  return secrets;
}

/** Taken as it stands: what is wrong with it ends the connector's deliveries with the reason, and receiving goes on. */
function readPimWebhook(present: (name: string) => string | undefined): WebhookAccount | null {
  const url = present("PIM_WEBHOOK_URL");
  return url ? { url, secrets: present("PIM_WEBHOOK_SECRET")?.split(/\s+/) ?? [] } : null;
}

function readMail(present: (name: string) => string | undefined): MailAccount | null {
  const apiKey = present("SENDGRID_API_KEY");
  const from = present("FROM_VERIFIED_SENDER");
  const to =
    present("TO_RECIPIENTS")
      ?.split(/[\s,]+/)
      .filter(Boolean) ?? [];
  return apiKey && from && to.length > 0
    ? { apiKey, from, to, baseUrl: present("SENDGRID_BASE_URL") ?? null }
    : null;
}
