import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { envelope } from "../../lib/receive/envelope.ts";
import { misunderstood, onlyOne, parseOptions } from "../arguments.ts";
import { findReceiver } from "../receiver.ts";
import { report } from "../report.ts";
import { sendAndWatch } from "../send-and-watch.ts";
import { UserError } from "../user-error.ts";

export const sendUsage = `npm run webhooks -- send <file>   signs a file's bytes as a notification, sends them, and says what became of it; - reads standard input

  --url <address>      a receiver elsewhere (default: the one that npm start runs in this folder)
  --path <path>        the hook (default: the one of the type that the body names)
  --algorithm <name>   sha1 (default) or sha256
  --timestamp <time>   Unix seconds to sign with, to try what an old one does (default: now)
  --json               for scripts, by npm run -s
Signs with the first secret of the environment or .env: CLOUDINARY_WEBHOOK_SECRETS, else CLOUDINARY_URL.
Ends with 0 when every delivery is done or skipped, with 1 otherwise.`;

const options = {
  path: { type: "string" },
  algorithm: { type: "string", default: "sha1" },
  timestamp: { type: "string" },
} as const;

/** Types with a hook of their own; the others go to the one for all. */
const hooks = ["upload", "eager", "moderation", "delete"];

/** Returns the exit code. */
export async function send(args: readonly string[], folder: string): Promise<number> {
  const { values, positionals } = parseOptions(args, options, sendUsage);
  const file = onlyOne(positionals, "a file", sendUsage);
  const { algorithm } = values;
  if (algorithm !== "sha1" && algorithm !== "sha256")
    throw misunderstood(`"${algorithm}" is neither sha1 nor sha256`, sendUsage);
  if (values.path !== undefined && !values.path.startsWith("/"))
    throw misunderstood(`"${values.path}" is not a path such as /webhooks/eager`, sendUsage);
  const receiver = findReceiver(folder, values.url);
  const body = await bytesOf(file);
  const sent = await sendAndWatch(receiver, {
    path: values.path ?? hookOf(body),
    body,
    algorithm,
    timestamp: values.timestamp,
  });
  return report([sent], values);
}

async function bytesOf(file: string): Promise<Uint8Array> {
  const bytes = await (file === "-" ? buffer(process.stdin) : readFile(file)).catch((cause: unknown) => {
    throw new UserError(`${file} cannot be read: ${cause instanceof Error ? cause.message : cause}`, 1, {
      cause,
    });
  });
  if (bytes.length === 0) throw new UserError(`${file} is empty: there is nothing to send.`);
  return bytes;
}

function hookOf(body: Uint8Array): string {
  const { type } = envelope(body, "", new Date());
  return hooks.includes(type) ? `/webhooks/${type}` : "/webhooks";
}
