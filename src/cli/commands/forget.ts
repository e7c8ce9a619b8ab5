import { setTimeout as sleep } from "node:timers/promises";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { examples, jsonOption, reason, urlOption, wrongUsage } from "../command.ts";
import { columns, printable, printJson } from "../output.ts";
import { showProgress } from "../progress.ts";
import { findReceiver, type Receiver } from "../receiver.ts";
import { answered, recordsOf } from "../records.ts";
import { UserError } from "../user-error.ts";

export const forget = new Command("forget")
  .summary("erase everything recorded about an asset")
  .description(
    "Erases everything recorded about an asset. This cannot be undone. Delete the asset at Cloudinary first: " +
      "otherwise its next notification is recorded again. The reason is kept with your name, so give a case number " +
      "and no personal data. Needs an operator's token. Exits with 1 if records are left.",
  )
  .usage("--reason <text> [options] <id>")
  .argument("<id>", "asset id or public id of the asset")
  .option("--reason <text>", "why you erase it (required unless --dry-run is given)", reason)
  .option("--dry-run", "show what would be erased and change nothing")
  .option("--notification", "<id> is the id of a notification; erase this notification only")
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples(["forget people/jane --dry-run", 'forget people/jane --reason "request 4711"']),
  )
  .action(
    async (
      id,
      { reason, dryRun = false, notification = false, url, json = false },
      command: CommandUnknownOpts,
    ) => {
      const target = notification ? { notification: id } : { asset: id };
      if (dryRun) return await preview(findReceiver(process.cwd(), url), target, json);
      if (reason === undefined) return wrongUsage(command, "--reason is required (or --dry-run)");
      await erase(findReceiver(process.cwd(), url), { ...target, reason }, json);
    },
  );

/** Longer than a worker may hold a delivery. */
const patienceMs = 90_000;
const pauseMs = 2_000;

type Target = { notification: string } | { asset: string };

async function preview(receiver: Receiver, target: Target, json: boolean): Promise<void> {
  const found = await answered(receiver, recordsOf(receiver).erasures.preview.$post({ json: target }));
  if (json) {
    printJson(found);
    return;
  }
  const facts = [
    ["asset ids", found.assetIds.join(", ") || "none"],
    ["public ids", found.publicIds.join(", ") || "none"],
    ["notifications", `${found.notifications}, ${found.shared} of them about other assets as well`],
    ["deliveries", `${found.deliveries}, ${found.open} of them not finished`],
  ].map(([name = "", value = ""]) => [name, printable(value)]);
  const lines = ["This would be erased:", ...columns(facts)];
  if ("asset" in target && !found.deleted)
    lines.push(
      "",
      "Its newest notification is not a deletion: Cloudinary may still have it, and its next notification would be recorded again.",
    );
  console.log(lines.join("\n"));
}

/** Batch by batch; waits for deliveries that are running. */
async function erase(receiver: Receiver, json: Target & { reason: string }, asJson: boolean): Promise<void> {
  const { erasures } = recordsOf(receiver);
  let progress = await answered(receiver, erasures.$post({ json }));
  let until = Date.now() + patienceMs;
  using status = showProgress();
  while (!progress.finished && Date.now() < until) {
    if (progress.erased > 0) until = Date.now() + patienceMs;
    else await sleep(pauseMs);
    status.show(`Erasing: ${progress.left} notifications left`);
    progress = await answered(receiver, erasures[":id"].continue.$post({ param: { id: progress.id } }));
  }
  if (asJson) printJson(progress);
  else if (progress.finished) console.log(describeErasure(progress));
  if (!progress.finished)
    throw new UserError(
      `${progress.left} notifications are not erased yet; ${progress.running} of them have deliveries that are running. The sweep erases the rest.`,
    );
}

function describeErasure({ id, counts }: { id: string; counts: Record<string, number> }): string {
  const facts = Object.entries(counts).map(([name, count]) => [`  ${name}`, String(count)]);
  return [`Erased (${id}):`, ...columns(facts)].join("\n");
}
