import { readFile } from "node:fs/promises";
import { Argument, Command, Option } from "@commander-js/extra-typings";
import { readConfig } from "../../config.ts";
import { type NotificationType, notificationTypes } from "../../lib/notifications/types.ts";
import { isObject } from "../../lib/shared/json.ts";
import { settings } from "../../settings.ts";
import { examples, jsonOption, oneOf, urlOption, wholeNumber } from "../command.ts";
import { readEnvironment } from "../environment.ts";
import { hookOf } from "../hooks.ts";
import { type Links, linksOf } from "../links.ts";
import { columns, printable, printJson } from "../output.ts";
import { type Posting, postRejected } from "../post.ts";
import { countPictures } from "../product-pictures.ts";
import { findReceiver, type Receiver } from "../receiver.ts";
import { report, type Sent } from "../report.ts";
import { sendAndWatch } from "../send-and-watch.ts";
import { simulatedSku } from "../simulate/asset.ts";
import { type Change, collectChange } from "../simulate/changes.ts";
import { dryRun } from "../simulate/dry-run.ts";
import { type Emulator, findEmulator } from "../simulate/emulator.ts";
import { describeRepeated, repeat } from "../simulate/repeat.ts";
import { bodyFor, stepsOf } from "../simulate/steps.ts";
import { UserError } from "../user-error.ts";

const invented =
  "The picture does not exist: only the stack of this folder has an emulator of Cloudinary that could draw it. The console shows empty frames.";

export const simulate = new Command("simulate")
  .summary("send a sample notification")
  .description(
    "Sends a signed sample notification about the product VASE-1, waits for its deliveries to finish, and says what they did. " +
      "On the local stack, the picture exists in the emulator of Cloudinary. " +
      "Exits with 0 if every delivery is done or skipped, and with 1 otherwise.",
  )
  .addArgument(
    new Argument("<type>", "type of the notification")
      .choices(notificationTypes)
      .argParser(oneOf(notificationTypes)),
  )
  .option(
    "--set <path=value>",
    "set a value of the body, such as eager[0].width=200; may be given several times",
    collectChange,
  )
  .option("--file <file>", "use the JSON object in this file as the body, with the given type")
  .option("--sha256", "sign with SHA-256 instead of SHA-1")
  .addOption(
    new Option("--stale", "sign with a time that is too old; succeeds if it is rejected").conflicts([
      "repeat",
      "dryRun",
    ]),
  )
  .addOption(
    new Option("--tamper", "change the body after it was signed; succeeds if it is rejected").conflicts([
      "stale",
      "repeat",
      "dryRun",
    ]),
  )
  .addOption(
    new Option("--repeat <number>", "send this many notifications, each a new one")
      .argParser(wholeNumber(2, 100_000))
      .conflicts("dryRun"),
  )
  .addOption(
    new Option(
      "--rate <number>",
      "with --repeat: notifications a second, without waiting for answers",
    ).argParser(wholeNumber(1, 1_000)),
  )
  .option("--dry-run", "send nothing; say what each handler would do, by src/settings.ts")
  .addOption(urlOption)
  .option("--cloud <name>", "sign as this cloud, if the receiver has several")
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples([
      "simulate eager",
      "simulate upload --url https://hooks.example.com",
      "simulate upload --set public_id=products/LAMP-3/main --dry-run",
      "simulate eager --tamper",
      "simulate upload --repeat 200 --rate 20",
    ]),
  )
  .action(async (type, { url, cloud, json = false, ...options }) => {
    const folder = process.cwd();
    const receiver = findReceiver(folder, url, cloud);
    const { stale, tamper, dryRun: isDry, repeat: times, rate = null } = options;
    const given = options.file === undefined ? null : await readBody(options.file);
    const changes = options.set ?? [];
    const emulator = given === null && !isDry ? await findEmulator(folder, receiver) : null;
    const source = {
      receiver,
      emulator,
      given,
      changes,
      algorithm: options.sha256 ? "sha256" : "sha1",
    } as const;
    if (isDry) return predict(type, { source, folder, json });
    if (stale || tamper) return await rejected(type, { source, isStale: stale === true, json });
    if (times !== undefined) return await many(type, { source, times, rate, json });
    await once(type, { source, json });
  });

interface Source {
  receiver: Receiver;
  emulator: Emulator | null;
  given: Record<string, unknown> | null;
  changes: readonly Change[];
  algorithm: "sha1" | "sha256";
}

/** A sample has the notifications that precede it; a given body is sent alone. */
const stepsFor = (type: NotificationType, { given }: Source) =>
  given === null ? stepsOf(type) : stepsOf(type).slice(-1);

async function once(type: NotificationType, { source, json }: { source: Source; json: boolean }) {
  const { receiver, emulator, given } = source;
  let before = await countPictures(receiver, simulatedSku);
  const sent: Sent[] = [];
  for (const step of stepsFor(type, source)) {
    const one = await sendAndWatch(receiver, await posting(step, source));
    const after = await countPictures(receiver, simulatedSku);
    const product = before === null || after === null ? null : { sku: simulatedSku, before, after };
    sent.push({ ...one, product });
    before = after;
  }
  process.exitCode = report(sent, {
    json,
    links: await links(sent, source),
    notes: emulator === null && given === null ? [invented] : [],
  });
}

const links = (sent: readonly Sent[], { receiver, emulator }: Source): Promise<Links> =>
  linksOf(sent, { receiver, sku: simulatedSku, localUrl: emulator?.localUrl ?? null });

async function posting(step: ReturnType<typeof stepsOf>[number], source: Source): Promise<Posting> {
  const body = await bodyFor(step, { ...source, now: new Date() });
  return { path: hookOf(step.type), body, algorithm: source.algorithm };
}

/** Sends what the receiver must reject. */
async function rejected(
  type: NotificationType,
  { source, isStale, json }: { source: Source; isStale: boolean; json: boolean },
) {
  const [step] = stepsFor(type, source).slice(-1);
  if (step === undefined) return;
  const valid = await posting(step, source);
  const oldest = Math.floor(Date.now() / 1_000) - settings.receive.maxAgeSeconds - 60;
  const refused = await postRejected(
    source.receiver,
    isStale
      ? { ...valid, timestamp: String(oldest) }
      : { ...valid, tampered: Buffer.concat([valid.body, Buffer.from(" ")]) },
  );
  const { url, status, reason, ms } = refused;
  if (json) printJson({ refused });
  else
    console.log(
      [
        `POST ${url}  ${type}, ${isStale ? "signed too long ago" : "changed after it was signed"}`,
        `${status} ${reason} in ${ms} ms: rejected, as it must be`,
        "",
        `  rejected requests  ${source.receiver.url}/console/refusals`,
      ].join("\n"),
    );
}

async function many(
  type: NotificationType,
  { source, times, rate, json }: { source: Source; times: number; rate: number | null; json: boolean },
) {
  const [step] = stepsFor(type, source).slice(-1);
  if (step === undefined) return;
  const repeated = await repeat(source.receiver, { times, rate, next: () => posting(step, source) });
  if (json) printJson(repeated);
  else console.log(`${describeRepeated(repeated)}\n\n  inbox  ${source.receiver.url}/`);
  if (repeated.recorded < times) process.exitCode = 1;
}

async function predict(
  type: NotificationType,
  { source, folder, json }: { source: Source; folder: string; json: boolean },
) {
  const { cloudName } = source.receiver;
  const { mail } = readConfigHere(folder);
  const predictions = [];
  for (const step of stepsFor(type, source)) {
    const body = await bodyFor(step, { ...source, now: new Date() });
    const handlers = dryRun(body, { cloudName, mail, byPublicHook: false });
    predictions.push({ type: step.type, handlers });
  }
  if (json) return printJson({ sent: false, notifications: predictions });
  const blocks = predictions.map(({ type: name, handlers }) =>
    [
      `${name}, not sent:`,
      ...(handlers.length === 0
        ? ["  No handler is configured for this type (`routes` in src/settings.ts)."]
        : columns(handlers.map(({ handler, text }) => [`  ${handler}`, printable(text)]))),
    ].join("\n"),
  );
  console.log(blocks.join("\n\n"));
}

/** The recipients as far as this folder knows them. */
function readConfigHere(folder: string) {
  const reading = readConfig(settings, "", { ...readEnvironment(folder), NETLIFY_DB_URL: "not used here" });
  return { mail: reading.ok ? reading.config.mail : null };
}

async function readBody(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UserError(`Cannot read ${file}: ${cause instanceof Error ? cause.message : cause}`, 1, {
      cause,
    });
  });
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // Reported below. A body that is no JSON can be sent by `webhooks send`.
  }
  if (isObject(body)) return { ...body };
  throw new UserError(`${file} is not a JSON object. \`webhooks send\` sends any bytes.`, 2);
}
