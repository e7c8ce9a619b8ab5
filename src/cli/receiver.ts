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
 * The stack of this folder, or the receiver at `url` (http or https, without a slash at the end). Secret and token come from the shell and `.env`. Where they are not set, those that
 * `npm start` made for the folder are used, but never for another receiver.
 */
export function findReceiver(folder: string, url: string | undefined): Receiver {
  const stack = readStackFile(folder);
  const target = url ?? stack?.url;
  if (target === undefined) {
    throw new UserError(
      "No receiver is running in this folder. Start one with `npm start`, or give the address of another: --url https://<site>",
    );
  }
  const set = readEnvironment(folder);
  const own = isThisStack(target, stack?.url) ? readCredentials(folder) : null;
  const reading = readConfig(settings, "", {
    ...(own && { CLOUDINARY_URL: standInUrl(own, "http://127.0.0.1"), OPERATOR_TOKEN: own.operatorToken }),
    ...set,
    NETLIFY_DB_URL: "not used here",
  });
  if (!reading.ok)
    throw new UserError(`No secret to sign notifications for ${target}: ${reading.problems.join("; ")}`);
  const { secrets, cloudinary, operators } = reading.config;
  const secret = secrets.find(({ expiresAt }) => expiresAt === null || expiresAt > Date.now())?.value;
  if (secret === undefined)
    throw new UserError(
      `No secret to sign notifications for ${target}: every secret in CLOUDINARY_WEBHOOK_SECRETS has expired.`,
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

/** For requests that get no answer. */
export const unreachable = ({ url }: Receiver): string =>
  `No answer from ${url}. Is the receiver running? \`npm start\` starts it on this machine.`;

/** For answers that no receiver gives. */
export const notTheReceiver = (url: string, status: number): string =>
  `${url} answered ${status}, but is not a receiver. Check the address. A private Netlify project answers 401 to every request.`;

/** Whether an address is the one of the stack of this folder, under whatever name of this machine. */
export function isThisStack(target: string, own: string | undefined): boolean {
  if (own === undefined) return false;
  const [a, b] = [new URL(target), new URL(own)];
  return a.port === b.port && isLoopback(a) && isLoopback(b);
}
