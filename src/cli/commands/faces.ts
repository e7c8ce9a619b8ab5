import { setTimeout as sleep } from "node:timers/promises";
import { Argument, Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { countedPictures, countText } from "../../console/shared/count-text.ts";
import { examples, jsonOption, reason, urlOption, wholeNumber, wrongUsage } from "../command.ts";
import { columns, printable, printJson } from "../output.ts";
import { showProgress } from "../progress.ts";
import { findReceiver, type Receiver } from "../receiver.ts";
import { answered, recordsOf } from "../records.ts";
import { UserError } from "../user-error.ts";

const patienceMs = 60_000;
const pauseMs = 1_000;

export const faces = new Command("faces")
  .summary("list people, forget a person, or look at older pictures again")
  .description(
    "people lists everybody who is recognised, with the number of training pictures. rerun looks again at pictures that were looked at " +
      "before, after the training set has changed: those first that were looked at longest ago, up to --limit. forget removes a person: " +
      "the user and faces at Amazon Rekognition, the tags on all assets, and what is recorded. It cannot be undone; the pictures themselves " +
      "stay at Cloudinary. It can be repeated, and an interrupted one is finished by the receiver. rerun and forget need an operator's " +
      "token. Exits with 1 if something is left.",
  )
  .usage("<people|rerun|forget> [name] [options]")
  .addArgument(new Argument("<action>", "what to do").choices(["people", "rerun", "forget"] as const))
  .argument("[name]", "for forget: the person's name, as in the tag")
  .addOption(
    new Option("--limit <number>", "for rerun: at most this many pictures (default: 100)").argParser(
      wholeNumber(1, 100_000),
    ),
  )
  .option("--dry-run", "for rerun: show how many pictures and calls are left and change nothing")
  .option(
    "--reason <text>",
    "for forget (required) and rerun: why; kept with your name, so give a case number and no personal data",
    reason,
  )
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples([
      "faces people",
      "faces rerun --limit 500",
      'faces forget "Ada Lovelace" --reason "request 4711"',
    ]),
  )
  .action(async (action, name, options, command: CommandUnknownOpts) => {
    const { limit = 100, dryRun = false, reason: why, url, json = false } = options;
    if (action !== "forget" && name !== undefined) return wrongUsage(command, `${action} takes no name`);
    if (action !== "rerun" && (dryRun || options.limit !== undefined))
      return wrongUsage(command, `${action} takes neither --dry-run nor --limit`);
    const receiver = findReceiver(process.cwd(), url);
    if (action === "people") return await listPeople(receiver, json);
    if (action === "rerun") return await rerun(receiver, { limit: dryRun ? 0 : limit, reason: why }, json);
    if (name === undefined) return wrongUsage(command, "the name is missing");
    if (why === undefined) return wrongUsage(command, "--reason is required");
    await forget(receiver, { name, reason: why }, json);
  });

async function listPeople(receiver: Receiver, json: boolean): Promise<void> {
  const found = await answered(receiver, recordsOf(receiver).faces.$get({ query: {} }));
  if (json) return printJson(found.people);
  if (!found.on) console.log("The handler faces is off (docs/faces.md).");
  const rows = found.people.map(({ name, trained, trainings, pictures }) => [
    printable(name),
    trained ? String(trainings.filter(({ state }) => state === "indexed").length) : "none",
    countText(pictures, countedPictures),
  ]);
  console.log(
    rows.length === 0
      ? "Nobody is known."
      : columns([["name", "training pictures", "tagged pictures"], ...rows]).join("\n"),
  );
}

async function rerun(
  receiver: Receiver,
  request: { limit: number; reason: string | undefined },
  json: boolean,
): Promise<void> {
  const progress = await answered(receiver, recordsOf(receiver).faces.rerun.$post({ json: request }));
  if (json) return printJson(progress);
  const { asked, left, pictures, faces: count } = progress;
  console.log(
    columns([
      ["pictures added", String(asked)],
      ["pictures to look at", `${left} of ${pictures}`],
      ["Rekognition calls, about", String(left + count)],
    ]).join("\n"),
  );
}

async function forget(
  receiver: Receiver,
  request: { name: string; reason: string },
  json: boolean,
): Promise<void> {
  const { forgettings } = recordsOf(receiver).faces;
  let progress = await answered(receiver, forgettings.$post({ json: request }));
  const until = Date.now() + patienceMs;
  using status = showProgress();
  while (!progress.finished && progress.on && Date.now() < until) {
    const { faces: indexed, users, tags } = progress.left;
    status.show(`Removing: ${indexed + users + tags} left`);
    await sleep(pauseMs);
    progress = await answered(receiver, forgettings[":id"].$get({ param: { id: progress.id } }));
  }
  if (json) printJson(progress);
  else console.log(describe(progress));
  if (progress.finished) return;
  const { faces: indexed, users, tags } = progress.left;
  const next = progress.on
    ? "The receiver goes on with them."
    : "The handler faces is off: turn it on, so that the receiver can finish them (docs/faces.md).";
  throw new UserError(
    `Removals that are not finished yet: ${indexed + users + tags}. ${next}${progress.problem ? ` The last problem: ${progress.problem}` : ""}`,
  );
}

function describe({ id, counts }: { id: string; counts: Record<string, number> }): string {
  const words: readonly (readonly [string, string])[] = [
    ["users", "users removed at Rekognition"],
    ["faces", "faces removed at Rekognition"],
    ["tags", "tags removed at Cloudinary"],
    ["trainings", "training pictures forgotten"],
    ["pictures", "pictures that no longer name the person"],
  ];
  const known = new Map(Object.entries(counts));
  const facts = words.map(([key, label]) => [`  ${label}`, String(known.get(key) ?? 0)]);
  return [
    `Forgotten (${id}):`,
    ...columns(facts),
    "The pictures themselves are still at Cloudinary. Delete the training pictures there if they are no longer needed.",
  ].join("\n");
}
