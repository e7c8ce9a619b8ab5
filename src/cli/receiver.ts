import { readConfig } from "../config.ts";
import { isLoopback } from "../lib/shared/loopback.ts";
import { settings } from "../settings.ts";
import { readEnvironment } from "./environment.ts";
import { readCredentials, readStackFile, standInUrl } from "./stack-files.ts";
import { UserError } from "./user-error.ts";

/** A receiver, and what is needed to send it something signed and to read its records. */
export interface Receiver {
  /** Without a slash at the end. */
  url: string;
  cloudName: string;
  apiKey: string;
  secret: string;
  /** null: records cannot be read. */
  token: string | null;
}

/**
 * The stack of this folder, or the one at `url`. Secret and token come from the environment, `.env`, and where these say nothing
 * from what `npm start` made for the folder; never the folder's for another receiver.
 */
export function findReceiver(folder: string, url: string | undefined): Receiver {
  const stack = readStackFile(folder);
  const target = url?.replace(/\/+$/, "") ?? stack?.url;
  if (target === undefined) {
    throw new UserError(
      "No receiver runs in this folder. Start one with `npm start`, or name one: --url https://<site>",
    );
  }
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) {
    throw new UserError(`"${target}" is not the address of a receiver: --url https://<site>`, 2);
  }
  const set = readEnvironment(folder);
  const own = isThisStack(target, stack?.url) ? readCredentials(folder) : null;
  const reading = readConfig(settings, "", {
    ...(own && { CLOUDINARY_URL: standInUrl(own, "http://127.0.0.1"), OPERATOR_TOKEN: own.operatorToken }),
    ...set,
    NETLIFY_DB_URL: "not used here",
  });
  if (!reading.ok) throw new UserError(`Nothing to sign with for ${target}: ${reading.problems.join("; ")}`);
  const { secrets, cloudinary, operators } = reading.config;
  const secret = secrets.find(({ expiresAt }) => expiresAt === null || expiresAt > Date.now())?.value;
  if (secret === undefined)
    throw new UserError(
      `Nothing to sign with for ${target}: every secret of CLOUDINARY_WEBHOOK_SECRETS has expired.`,
    );
  return {
    url: target,
    cloudName: cloudinary?.cloudName ?? "simulated",
    apiKey: cloudinary?.apiKey ?? "0",
    secret,
    // Commands that act need an operator's.
    token: (operators.find(({ role }) => role === "operator") ?? operators[0])?.token ?? null,
  };
}

function isThisStack(target: string, own: string | undefined): boolean {
  if (own === undefined) return false;
  const [a, b] = [new URL(target), new URL(own)];
  return a.port === b.port && isLoopback(a) && isLoopback(b);
}
