import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { examples, jsonOption, reason, urlOption, wrongUsage } from "../command.ts";
import { type ErasureRequest, type ErasureTarget, erase } from "../erase.ts";
import { columns, printable, printJson } from "../output.ts";
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
      await eraseAndReport(findReceiver(process.cwd(), url), { ...target, reason }, json);
    },
  );

async function preview(receiver: Receiver, target: ErasureTarget, json: boolean): Promise<void> {
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

async function eraseAndReport(receiver: Receiver, json: ErasureRequest, asJson: boolean): Promise<void> {
  const progress = await erase(receiver, json);
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
