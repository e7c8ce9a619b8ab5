import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { envelope } from "../../lib/receive/envelope.ts";
import { examples, jsonOption, urlOption } from "../command.ts";
import { hookOf } from "../hooks.ts";
import { findReceiver } from "../receiver.ts";
import { report } from "../report.ts";
import { sendAndWatch } from "../send-and-watch.ts";
import { UserError } from "../user-error.ts";

export const send = new Command("send")
  .summary("send the contents of a file as a notification")
  .description(
    "Signs the contents of a file, sends them unchanged as a notification, and waits for its deliveries to finish. " +
      "Signs with the first secret in CLOUDINARY_WEBHOOK_SECRETS that has not expired, or with the API secret in " +
      "CLOUDINARY_URL if there is none. Exits with 0 if every delivery is done or skipped, and with 1 otherwise.",
  )
  .argument("<file>", "file with the body of the notification; - reads standard input")
  .option("--path <path>", "path of the hook (default: the hook of the type in the body)", path)
  .addOption(
    new Option("--algorithm <name>", "hash algorithm of the signature")
      .choices(["sha1", "sha256"] as const)
      .default("sha1" as const),
  )
  .option("--timestamp <seconds>", "Unix time of the signature; an old one is rejected (default: now)")
  .addOption(urlOption)
  .option("--cloud <name>", "sign as this cloud, if the receiver has several")
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples([
      "send notification.json",
      "send notification.json --path /webhooks/eager --algorithm sha256",
      "show 0b9f0c2e-5d1f-4b8a-9c57-2f1f6f3a7d10 --body | npx webhooks send -",
    ]),
  )
  .action(async (file, { path, algorithm, timestamp, url, cloud, json = false }) => {
    const receiver = findReceiver(process.cwd(), url, cloud);
    const body = await readBody(file);
    const sent = await sendAndWatch(receiver, { path: path ?? hookFor(body), body, algorithm, timestamp });
    process.exitCode = report([sent], { json });
  });

function path(text: string): string {
  if (text.startsWith("/")) return text;
  throw new InvalidArgumentError("Expected a path such as /webhooks/eager.");
}

async function readBody(file: string): Promise<Uint8Array> {
  const bytes = await (file === "-" ? buffer(process.stdin) : readFile(file)).catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`Cannot read ${file}: ${message}`, 1, { cause });
  });
  if (bytes.length === 0) throw new UserError(`${file === "-" ? "Standard input" : file} is empty.`);
  return bytes;
}

function hookFor(body: Uint8Array): string {
  return hookOf(envelope(body, "", new Date()).type);
}
