import { readConfig } from "../config.ts";
import type { CloudinaryAccount } from "../config.types.ts";
import type { CloudinaryError } from "../lib/cloudinary/errors.ts";
import { isLoopback } from "../lib/shared/loopback.ts";
import { settings } from "../settings.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { readCredentials, readStackFile, standInUrls } from "./stack-files.ts";
import { UserError } from "./user-error.ts";

export interface FoundAccount {
  account: CloudinaryAccount;
  /** `CLOUDINARY_URL`, or the Cloudinary emulator of `npm start`. */
  from: string;
  /** Whether the account is emulated on this machine, so that it can reach local addresses. */
  isLocal: boolean;
  env: Environment;
}

/**
 * The accounts of CLOUDINARY_URL and CLOUDINARY_URLS, from the shell or `.env`, or those of the Cloudinary emulator that `npm start`
 * runs in the folder. `cloud`: only the one with this name.
 */
export function findAccounts(folder: string, cloud?: string): FoundAccount[] {
  const env = readEnvironment(folder);
  const stack = readStackFile(folder);
  const own = stack && readCredentials(folder);
  const isSet = (env.CLOUDINARY_URL ?? env.CLOUDINARY_URLS) !== undefined;
  const variables = isSet
    ? { CLOUDINARY_URL: env.CLOUDINARY_URL, CLOUDINARY_URLS: env.CLOUDINARY_URLS }
    : own && standInUrls(own, stack.localUrl);
  if (!variables)
    throw new UserError(
      "CLOUDINARY_URL is not set, in the shell or in .env. Copy it from Cloudinary's console: Settings, API Keys.",
      2,
    );
  // The other variables do not matter here, so errors in them are ignored.
  const reading = readConfig(settings, "", { ...variables, NETLIFY_DB_URL: "not used here" });
  if (!reading.ok) throw new UserError(`${reading.problems.join("; ")}.`, 2);
  const { accounts } = reading.config;
  const chosen = accounts.filter(({ cloudName }) => cloud === undefined || cloudName === cloud);
  if (chosen.length === 0)
    throw new UserError(
      `There is no account of the cloud ${cloud}. Known: ${accounts.map(({ cloudName }) => cloudName).join(", ")}`,
      2,
    );
  return chosen.map((account) => ({
    account,
    from: isSet
      ? account.assetPrefix === undefined && env.CLOUDINARY_URL !== undefined
        ? "CLOUDINARY_URL"
        : "CLOUDINARY_URLS"
      : "the Cloudinary emulator of `npm start`",
    isLocal: account.uploadPrefix !== undefined && isLoopback(new URL(account.uploadPrefix)),
    env,
  }));
}

/** The only account, or that of the cloud. */
export function findAccount(folder: string, cloud?: string): FoundAccount {
  const [only, ...others] = findAccounts(folder, cloud);
  if (only === undefined || others.length > 0)
    throw new UserError("Several clouds are configured. Say which one is meant, with --cloud.", 2);
  return only;
}

/** What a failed call means and how to fix it, in one or two sentences. */
export function explain(error: CloudinaryError): string {
  return [`${error.message}.`.replace(/\.\.$/, "."), advice(error)].filter(Boolean).join(" ");
}

function advice({ code, isRateLimit, resetAt }: CloudinaryError): string {
  if (isRateLimit)
    return `The account's allowance of calls is used up. ${resetAt ? `Try again after ${resetAt.toISOString()}.` : "Try again in an hour."}`;
  if (code === 401) return "The key, the secret or the cloud name in CLOUDINARY_URL is wrong.";
  if (code === 403)
    return "This API key lacks the permission, or the feature is not available in this account. Use a key of an administrator, or ask Cloudinary's support.";
  if (code === 404)
    return "The feature is not available in this account, or upload_prefix in CLOUDINARY_URL is wrong.";
  if (code === null) return "Check the network connection and upload_prefix in CLOUDINARY_URL.";
  return code >= 500 ? "Try again later." : "";
}
