import type {
  AlertTargets,
  CloudinaryAccount,
  ConfigReading,
  Environment,
  MailAccount,
  MailProviderName,
  PartialConfig,
  Secret,
  WebhookAccount,
} from "./config.types.ts";
import { readCa, readDatabaseUrl } from "./lib/database/connection.ts";
import { readAkeneo } from "./lib/shared/akeneo-variables.ts";
import { type ChatWebhook, readChats, secretsOf } from "./lib/shared/chat-variables.ts";
import { readOperators } from "./lib/shared/operators.ts";
import { own } from "./lib/shared/own.ts";
import { isPlaceholder, pasted } from "./lib/shared/pasted.ts";
import {
  assetUrlPlaceholders,
  isTimeZone,
  subjectPlaceholders,
  unknownPlaceholders,
} from "./lib/shared/placeholders.ts";
import { readRecipients } from "./lib/shared/recipients.ts";
import { conceal } from "./lib/shared/redact.ts";
import { type RekognitionVariables, readRekognition } from "./lib/shared/rekognition-variables.ts";
import type { Settings } from "./settings.types.ts";

/** Deploy contexts that are not production; `netlify dev` has ''. */
const previews = new Set(["deploy-preview", "branch-deploy"]);

export function isPreview(deployContext: string): boolean {
  return previews.has(deployContext);
}

/** The variables of this process, for the check of how they are written. */
export const processVariables = (): Environment => process.env;

/** Lists all missing or invalid essential variables at once, by name, never by value. */
export function readConfig(
  settings: Settings,
  deployContext = "",
  env: Environment = process.env,
): ConfigReading {
  const { problems, databaseUrl, ...rest } = readParts(settings, deployContext, env);
  return problems.length > 0 || databaseUrl === null
    ? { ok: false, problems }
    : { ok: true, config: { databaseUrl, ...rest } };
}

/**
 * With `readConfig`, the only reader of the environment. In a preview, uses the preview's own database if the settings name one.
 */
export function readParts(
  settings: Settings,
  deployContext = "",
  env: Environment = process.env,
): PartialConfig {
  const problems: string[] = [];
  const warnings: string[] = [];
  const present = (name: string) => pasted(name, own(env, name) ?? "") || undefined;

  const previewVariable = isPreview(deployContext) ? settings.previewDatabaseVariable : null;
  const ownUrl = previewVariable ? present(previewVariable) : present("DATABASE_URL");
  const caText = present("DATABASE_CA");
  const databaseCa = caText ? readCa(caText) : null;
  if (caText && !databaseCa) problems.push("DATABASE_CA holds no certificate (-----BEGIN CERTIFICATE-----)");
  const databaseUrl = ownUrl
    ? checkedUrl(previewVariable ?? "DATABASE_URL", ownUrl)
    : previewVariable
      ? undefined
      : present("NETLIFY_DB_URL");
  if (!databaseUrl && !ownUrl)
    problems.push(`${previewVariable ?? "DATABASE_URL (or NETLIFY_DB_URL)"} is missing`);

  const accounts = readAccounts(present("CLOUDINARY_URLS"), own(env, "CLOUDINARY_URL")?.trim(), problems);
  const cloudinary = accounts[0] ?? null;
  const cloud = cloudinary?.cloudName ?? null;
  const listed = present("CLOUDINARY_WEBHOOK_SECRETS");
  const secrets = readSecrets(listed, cloud, problems);
  for (const { cloudName, apiSecret } of accounts) {
    const shared = secrets.find((secret) => secret.value === apiSecret && secret.cloud !== cloudName);
    if (shared)
      problems.push(
        `CLOUDINARY_WEBHOOK_SECRETS: ${shared.name} is the API secret of the cloud ${cloudName}, and belongs to another one`,
      );
  }
  secrets.push(...apiSecrets(accounts, secrets, { listed: listed !== undefined, settings }));
  const unnamed = secrets.find((secret) => secret.cloud === null);
  if (unnamed && secrets.some((secret) => secret.cloud !== null))
    problems.push(
      `CLOUDINARY_WEBHOOK_SECRETS: ${unnamed.name} needs a cloud (name:secret#cloud), because other secrets have one and CLOUDINARY_URL is missing`,
    );
  if (secrets.length === 0 && problems.every((problem) => !problem.startsWith("CLOUDINARY_")))
    problems.push(
      "CLOUDINARY_URL or CLOUDINARY_WEBHOOK_SECRETS is missing: without a secret, notifications cannot be verified",
    );

  const local = present("NETLIFY_DEV") === "true";
  if (!local && accounts.some(({ apiSecret }) => secrets.some(({ value }) => value === apiSecret)))
    warnings.push(apiSecretWarning);
  const { maxAgeSeconds, maxAheadSeconds, polling } = settings.receive;
  if (polling.channel !== null && !cloudinary)
    warnings.push("src/settings.ts: receive.polling.channel has no effect without CLOUDINARY_URL");
  const oldest = Math.max(maxAgeSeconds, polling.channel === null ? 0 : polling.maxAgeSeconds);
  const windowSeconds = oldest + maxAheadSeconds;
  if (!(settings.retention.days * 86_400 > windowSeconds))
    problems.push(
      `src/settings.ts: retention.days (${settings.retention.days}) must be longer than a signature is accepted (maxAgeSeconds and maxAheadSeconds, ${windowSeconds} s). Otherwise a notification could be repeated after its record is deleted`,
    );

  const settingsProblems = problemsOfEmail(settings.email);
  const { operators, problems: operatorProblems } = readOperators(present("OPERATOR_TOKEN"));
  const mail = readMail(present, settings, warnings);
  const chats = readChannels("CHAT_WEBHOOKS", present, local, warnings);
  warnings.push(...problemsOfChat(settings, chats));
  const approveLinkSecret = readApproveSecret(present, settings, { local, warnings });
  const alerts = readAlerts(present, settings, { local, warnings });
  const pimWebhook = readWebhook(present, "PIM_WEBHOOK");
  const akeneo = readAkeneo(present);
  warnings.push(...(akeneo?.problems ?? []));
  const faces = readFaces(present, settings, warnings);
  for (const value of [
    present("SENDGRID_API_KEY"),
    present("RESEND_API_KEY"),
    present("APPROVE_LINK_SECRET"),
    ...accounts.map((account) => account.apiSecret),
    ...secrets.map((s) => s.value),
    ...operators.map((o) => o.token),
    ...(pimWebhook?.secrets ?? []),
    ...(alerts.webhook?.secrets ?? []),
    ...[...chats, ...alerts.chats].flatMap(secretsOf),
    akeneo?.account.secret,
    akeneo?.account.user?.password,
    faces?.secretAccessKey,
    faces?.sessionToken ?? undefined,
  ])
    conceal(value);

  return {
    problems,
    databaseUrl: databaseUrl ?? null,
    databaseCa,
    // The embedded database of `netlify dev` costs nothing while it is awake.
    databaseSleeps: settings.databaseSleeps ?? (ownUrl === undefined && !local),
    secrets,
    cloudinary,
    accounts,
    ownCloud: cloud ?? secrets[0]?.cloud ?? null,
    mail,
    sendgridEventKey: present("SENDGRID_WEBHOOK_KEY") ?? null,
    chats,
    approveLinkSecret,
    alerts,
    pimWebhook,
    akeneo,
    faces,
    operators,
    operatorProblems,
    settingsProblems,
    warnings,
    local,
    siteUrl: present("URL") ?? null,
    localUrl: local ? (present("URL") ?? null) : null,
  };

  function checkedUrl(name: string, text: string): string | undefined {
    const reading = readDatabaseUrl(name, text, databaseCa);
    if (!reading.ok) {
      problems.push(reading.problem);
      return undefined;
    }
    warnings.push(...reading.warnings);
    return reading.url;
  }
}

/** The secret name of notifications that the API secret of CLOUDINARY_URL verified. */
export const apiSecretName = "CLOUDINARY_URL";

export const apiSecretWarning =
  "The API secret of CLOUDINARY_URL verifies notifications. Any endpoint of yours that signs upload parameters chosen by a browser, such as api_sign_request(req.body.paramsToSign, secret), can then sign forged notifications. Have Cloudinary dedicate an API key to webhooks and set its secret in CLOUDINARY_WEBHOOK_SECRETS (docs/security.md)";

/** Cloudinary's secrets have 27 characters. */
const minSecretLength = 16;

/**
 * The account of CLOUDINARY_URL, and then those of CLOUDINARY_URLS, separated by white space. The first one decides which asset ids have
 * no prefix, so its place must not change.
 */
function readAccounts(
  list: string | undefined,
  single: string | undefined,
  problems: string[],
): CloudinaryAccount[] {
  const named = [
    ...(single ? [{ variable: "CLOUDINARY_URL", url: single }] : []),
    ...(list?.split(/\s+/) ?? []).map((url, index) => ({
      variable: `CLOUDINARY_URLS: entry ${index + 1}`,
      url,
    })),
  ];
  const accounts: CloudinaryAccount[] = [];
  for (const { variable, url } of named) {
    const account = readCloudinaryUrl(variable, url, problems);
    if (account === null) continue;
    const { cloudName } = account;
    const same = accounts.find((other) => other.cloudName === cloudName);
    if (same?.apiKey === account.apiKey && same.apiSecret === account.apiSecret) continue;
    if (same) problems.push(`CLOUDINARY_URLS: the cloud ${cloudName} has two different keys`);
    else if (accounts.some(({ apiSecret }) => apiSecret === account.apiSecret))
      problems.push(`CLOUDINARY_URLS: the cloud ${cloudName} has the same API secret as another cloud`);
    else if (!/^[\w-]+$/.test(cloudName))
      problems.push(`${variable} has a cloud name with characters other than letters, digits, - and _`);
    else accounts.push(accounts.length === 0 ? account : { ...account, assetPrefix: `${cloudName}:` });
  }
  return accounts;
}

/** The API secrets that verify notifications: of clouds for which no other secret is listed, or all of them by the setting. */
function apiSecrets(
  accounts: readonly CloudinaryAccount[],
  listed: readonly Secret[],
  about: { listed: boolean; settings: Settings },
): Secret[] {
  const isOne = accounts.length === 1;
  return accounts
    .filter(({ cloudName }) => {
      if (about.settings.receive.apiSecretVerifies) return true;
      return isOne ? !about.listed : !listed.some(({ cloud }) => cloud === cloudName);
    })
    .map(({ cloudName, apiSecret, assetPrefix }) => ({
      name: assetPrefix === undefined ? apiSecretName : `${apiSecretName}#${cloudName}`,
      value: apiSecret,
      expiresAt: null,
      cloud: cloudName,
    }));
}

function readCloudinaryUrl(variable: string, url: string, problems: string[]): CloudinaryAccount | null {
  const parts = /^cloudinary:\/\/([^:@/?]+):([^@/?]*)@([^/?]+)/.exec(url);
  const [, apiKey = "", secret = "", cloudName = ""] = parts ?? [];
  const apiSecret = decode(secret);
  // Not corrected, because Cloudinary's SDK reads the variable itself and fails.
  const isWrapped = !parts && pasted("CLOUDINARY_URL", url) !== url;
  if (isWrapped)
    problems.push(
      `${variable} must start with cloudinary://, without quotes or the variable's name in front`,
    );
  else if (!parts)
    problems.push(`${variable} is not of the form cloudinary://<API key>:<API secret>@<cloud name>`);
  else if (!apiSecret || isPlaceholder(apiSecret))
    problems.push(`${variable} holds a placeholder instead of a secret`);
  else if (apiSecret.length < minSecretLength)
    problems.push(`${variable} has an API secret of fewer than ${minSecretLength} characters`);
  else if (isPlaceholder(decode(apiKey))) problems.push(`${variable} holds a placeholder instead of a key`);
  else if (isPlaceholder(decode(cloudName)))
    problems.push(`${variable} holds a placeholder instead of a cloud's name`);
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
    return text; // A literal percent sign: the secret is not encoded.
  }
}

/**
 * `name:secret[@YYYY-MM-DD][#cloud]`, separated by spaces. A secret with a date is accepted until the end of that day (UTC). Without
 * `#cloud` it belongs to `ownCloud`.
 */
function readSecrets(list: string | undefined, ownCloud: string | null, problems: string[]): Secret[] {
  const secrets: Secret[] = [];
  const names = new Set<string>();
  for (const [index, entry] of (list?.split(/\s+/) ?? []).entries()) {
    const parts = /^([\w.-]+):([^@#]*)(?:@(\d{4}-\d{2}-\d{2}))?(?:#([\w-]+))?$/.exec(entry);
    const [, name = "", value = "", day, cloud] = parts ?? [];
    const label = parts ? name : (/^[\w.-]+(?=:)/.exec(entry)?.[0] ?? `entry ${index + 1}`);
    const problem = parts
      ? problemOf({ name, value, day }, { names, secrets })
      : "is not of the form name:secret[@YYYY-MM-DD][#cloud]";
    names.add(name);
    if (problem !== null) problems.push(`CLOUDINARY_WEBHOOK_SECRETS: ${label} ${problem}`);
    else secrets.push({ name, value, expiresAt: day ? endOfDay(day) : null, cloud: cloud ?? ownCloud });
  }
  return secrets;
}

function problemOf(
  { name, value, day }: { name: string; value: string; day: string | undefined },
  before: { names: ReadonlySet<string>; secrets: readonly Secret[] },
): string | null {
  if (!value || isPlaceholder(value)) return "has no secret";
  if (value.length < minSecretLength) return `has a secret of fewer than ${minSecretLength} characters`;
  if (day !== undefined && endOfDay(day) === null) return "has a date that does not exist";
  if (name === apiSecretName) return "is a reserved name: it means the API secret";
  if (before.names.has(name)) return "is the name of two secrets";
  const twin = before.secrets.find((secret) => secret.value === value);
  return twin ? `has the same secret as ${twin.name}` : null;
}

/** Milliseconds; null for a date that does not exist. JavaScript reads 31 February as 3 March. */
function endOfDay(day: string): number | null {
  const end = Date.parse(`${day}T23:59:59.999Z`);
  return !Number.isNaN(end) && new Date(end).toISOString().startsWith(day) ? end : null;
}

/** Patterns are plain text to the compiler. */
function problemsOfEmail({ rules, assetUrl, timeZone }: Settings["email"]): string[] {
  const problems: string[] = [];
  const check = (name: string, pattern: string, known: readonly string[]) => {
    const wrong = unknownPlaceholders(pattern, known);
    if (wrong.length > 0)
      problems.push(
        `src/settings.ts: ${name} has an unknown placeholder ${wrong.join(", ")}; known are ${known.map((one) => `{${one}}`).join(", ")}`,
      );
  };
  for (const [index, { subject }] of rules.entries())
    if (subject !== undefined) check(`email.rules[${index}].subject`, subject, subjectPlaceholders);
  if (assetUrl !== null) check("email.assetUrl", assetUrl, assetUrlPlaceholders);
  if (!isTimeZone(timeZone)) problems.push(`src/settings.ts: email.timeZone is not a time zone: ${timeZone}`);
  return problems;
}

/** Not validated here: with an invalid value, what is sent to it fails with the reason. */
function readWebhook(
  present: (name: string) => string | undefined,
  prefix: "PIM_WEBHOOK" | "ALERT_WEBHOOK",
): WebhookAccount | null {
  const url = present(`${prefix}_URL`);
  return url ? { url, secrets: present(`${prefix}_SECRET`)?.split(/\s+/) ?? [] } : null;
}

/** The handler needs a collection and a legal basis. The emulator's people are drawn, so there it needs none. */
function readFaces(
  present: (name: string) => string | undefined,
  { faces }: Settings,
  warnings: string[],
): RekognitionVariables | null {
  const read = readRekognition(present);
  const hasBasis = Boolean(faces.legalBasis?.trim());
  if (read && !hasBasis && !read.isLocal)
    warnings.push(
      "REKOGNITION_COLLECTION is set, and src/settings.ts names no faces.legalBasis: the handler faces is off",
    );
  if (!read && hasBasis)
    warnings.push(
      "src/settings.ts: faces.legalBasis is set, and REKOGNITION_COLLECTION is not: the handler faces is off",
    );
  if (read === null || !(hasBasis || read.isLocal)) return null;
  warnings.push(...read.problems);
  return read;
}

/** The variables of each provider. */
const mailVariables: Readonly<Record<MailProviderName, { key: string; baseUrl: string }>> = {
  sendgrid: { key: "SENDGRID_API_KEY", baseUrl: "SENDGRID_BASE_URL" },
  resend: { key: "RESEND_API_KEY", baseUrl: "RESEND_BASE_URL" },
};

type Present = (name: string) => string | undefined;

function readMail(present: Present, settings: Settings, warnings: string[]): MailAccount | null {
  const { key } = mailVariables[settings.email.provider];
  const { apiKey, from } = { apiKey: present(key), from: present("FROM_VERIFIED_SENDER") };
  if (apiKey && isPlaceholder(apiKey)) warnings.push(`${key} holds a placeholder`);
  const sender = readRecipients(from ?? "");
  if (from && (sender.addresses.length !== 1 || sender.wrong.length > 0))
    warnings.push("FROM_VERIFIED_SENDER is not a single e-mail address");
  return accountFor("TO_RECIPIENTS", present, settings, warnings);
}

function readAlerts(
  present: Present,
  settings: Settings,
  { local, warnings }: { local: boolean; warnings: string[] },
): AlertTargets {
  const mail = accountFor("ALERT_RECIPIENTS", present, settings, warnings);
  if (present("ALERT_RECIPIENTS") && !mail)
    warnings.push(
      `ALERT_RECIPIENTS has no effect without ${mailVariables[settings.email.provider].key} and FROM_VERIFIED_SENDER`,
    );
  const chats = readChannels("ALERT_CHAT_WEBHOOKS", present, local, warnings);
  return { mail, webhook: readWebhook(present, "ALERT_WEBHOOK"), chats };
}

function readChannels(variable: string, present: Present, local: boolean, warnings: string[]): ChatWebhook[] {
  const { webhooks, problems } = readChats(variable, present(variable), local);
  warnings.push(...problems);
  return webhooks;
}

const minLinkSecretLength = 32;

/** Needs the setting and the secret; next to `netlify dev`, the secret alone, which `npm start` makes. */
function readApproveSecret(
  present: Present,
  { approveByLink }: Settings,
  { local, warnings }: { local: boolean; warnings: string[] },
): string | null {
  const secret = present("APPROVE_LINK_SECRET");
  if (!approveByLink.on && !local) {
    if (secret)
      warnings.push("APPROVE_LINK_SECRET has no effect: src/settings.ts has approveByLink.on: false");
    return null;
  }
  const isUsable = secret !== undefined && secret.length >= minLinkSecretLength && !isPlaceholder(secret);
  if (secret && !isUsable)
    warnings.push(
      `APPROVE_LINK_SECRET needs at least ${minLinkSecretLength} random characters; links are off`,
    );
  if (!secret && approveByLink.on)
    warnings.push("src/settings.ts: approveByLink.on has no effect without APPROVE_LINK_SECRET");
  return isUsable ? secret : null;
}

/** A rule without a channel would drop its messages unnoticed. */
function problemsOfChat({ chat }: Settings, chats: readonly ChatWebhook[]): string[] {
  const known = new Set(chats.map(({ name }) => name));
  return chat.rules.flatMap(({ to = [] }, index) =>
    to
      .filter((name) => !known.has(name))
      .map((name) => `src/settings.ts: chat.rules[${index}].to names ${name}, which is not in CHAT_WEBHOOKS`),
  );
}

/** null if the key, the sender or the recipients are missing. */
function accountFor(
  recipients: "TO_RECIPIENTS" | "ALERT_RECIPIENTS",
  present: Present,
  { email: { provider } }: Settings,
  warnings: string[],
): MailAccount | null {
  const { addresses: to, wrong } = readRecipients(present(recipients) ?? "");
  if (wrong.length > 0)
    warnings.push(`${recipients}: entry ${wrong.join(", ")} is not an e-mail address and is ignored`);
  const { key, baseUrl } = mailVariables[provider];
  const { apiKey, from } = { apiKey: present(key), from: present("FROM_VERIFIED_SENDER") };
  return apiKey && from && to.length > 0
    ? {
        provider,
        apiKey,
        from: readRecipients(from).addresses[0] ?? from,
        to,
        baseUrl: present(baseUrl) ?? null,
      }
    : null;
}
