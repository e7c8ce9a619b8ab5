import { readConfig } from "../config.ts";
import { accountOf } from "../lib/cloudinary/accounts.ts";
import { isLoopback } from "../lib/shared/loopback.ts";
import { settings } from "../settings.ts";
import { readEnvironment } from "./environment.ts";
import { readCredentials, readStackFile, standInUrls } from "./stack-files.ts";
import { UserError } from "./user-error.ts";

/** A receiver, with the secret and token to send signed requests and read records. */
export interface Receiver {
  /** Without a trailing slash. */
  url: string;
  cloudName: string;
  /** Of the cloud, in the Cloudinary emulator. */
  libraryPath: string;
  apiKey: string;
  secret: string;
  /** null if records cannot be read. */
  token: string | null;
}

/**
 * The stack of this folder, or the receiver at `url` (http or https, without a trailing slash). Secret and token come from the shell
 * and `.env`. If they are not set, those that `npm start` created for the folder are used, but never for another receiver.
 */
export function findReceiver(folder: string, url: string | undefined, cloud?: string): Receiver {
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
    ...(own && { ...standInUrls(own, "http://127.0.0.1"), OPERATOR_TOKEN: own.operatorToken }),
    ...set,
    NETLIFY_DB_URL: "not used here",
  });
  if (!reading.ok)
    throw new UserError(`No secret to sign notifications for ${target}: ${reading.problems.join("; ")}`);
  const { secrets, operators } = reading.config;
  const cloudinary = accountOf(reading.config, cloud ?? null);
  const ofCloud = secrets.filter((one) => cloud === undefined || one.cloud === cloud);
  if (ofCloud.length === 0)
    throw new UserError(
      `No secret signs notifications of the cloud ${cloud}. Known: ${[...new Set(secrets.map((one) => one.cloud))].join(", ")}`,
      2,
    );
  const secret = ofCloud.find(({ expiresAt }) => expiresAt === null || expiresAt > Date.now())?.value;
  if (secret === undefined)
    throw new UserError(
      `No secret to sign notifications for ${target}: every secret in CLOUDINARY_WEBHOOK_SECRETS has expired.`,
    );
  return {
    url: target,
    cloudName: cloudinary?.cloudName ?? cloud ?? "simulated",
    libraryPath:
      cloudinary?.assetPrefix === undefined ? "/library" : `/clouds/${cloudinary.cloudName}/library`,
    apiKey: cloudinary?.apiKey ?? "0",
    secret,
    // Commands that make changes need an operator's token.
    token: (operators.find(({ role }) => role === "operator") ?? operators[0])?.token ?? null,
  };
}

/** The message for a request without a response. */
export const unreachable = ({ url }: Receiver): string =>
  `No answer from ${url}. Is the receiver running? \`npm start\` starts it on this machine.`;

/** The message for responses that are not from a receiver. */
export const notTheReceiver = (url: string, status: number): string =>
  `${url} answered ${status}, but is not a receiver. Check the address. A private Netlify project answers 401 to every request.`;

/** Whether a URL is that of the stack in this folder, under any name of this machine. */
export function isThisStack(target: string, own: string | undefined): boolean {
  if (own === undefined) return false;
  const [a, b] = [new URL(target), new URL(own)];
  return a.port === b.port && isLoopback(a) && isLoopback(b);
}
