import { Command, type CommandUnknownOpts, InvalidArgumentError } from "@commander-js/extra-typings";
import { examples, jsonOption, reason, urlOption, wrongUsage } from "../command.ts";
import { printJson } from "../output.ts";
import { findReceiver } from "../receiver.ts";
import { answered, recordsOf } from "../records.ts";
import { describeDeliveries } from "../report.ts";
import { UserError } from "../user-error.ts";
import { patienceMs, watchRecord } from "../watch.ts";

function deletionCount(text: string): number {
  if (!/^[0-9]{1,4}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

export const replay = new Command("replay")
  .summary("replay the deliveries of a notification")
  .description(
    "Replays the deliveries of a notification and waits for them to finish. The reason is recorded with your name. " +
      "Work that is already done is not repeated, unless you add --start-over. " +
      "Exits with 0 if every delivery is done or skipped, and with 1 otherwise. Needs an operator's token.",
  )
  .usage("--reason <text> [options] <id>")
  .argument("<id>", "id of the notification, as `list` shows it")
  .option("--reason <text>", "why you replay it (required)", reason)
  .option("--handler <name>", "replay the delivery of this handler only")
  .option("--deletes <count>", "how many pictures the replay may delete; without it, none", deletionCount)
  .option("--start-over", "repeat work that is already done: every recipient gets the e-mail again")
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples(['replay 0b9f0c2e-5d1f-4b8a-9c57-2f1f6f3a7d10 --handler email --reason "API key was missing"']),
  )
  .action(
    async (
      id,
      { reason, handler, deletes, startOver = false, url, json = false },
      command: CommandUnknownOpts,
    ) => {
      if (reason === undefined) return wrongUsage(command, "--reason is required");
      const receiver = findReceiver(process.cwd(), url);
      const call = recordsOf(receiver).notifications[":id"].replay.$post({
        param: { id },
        json: {
          reason,
          forget: startOver,
          ...(handler !== undefined && { handler }),
          ...(deletes !== undefined && { deletes }),
        },
      });
      const { replayed, planned, withheld = 0, deletions = [] } = await answered(receiver, call);
      if (withheld > 0)
        console.error(
          `Not replayed, because it deletes in Cloudinary, with all derived assets, which cannot be undone: ${deletions.map(({ publicId }) => publicId ?? "a picture").join(", ")}. Add --deletes ${withheld} to delete.`,
        );
      if (replayed + planned === 0 && withheld > 0) {
        process.exitCode = 1;
        return;
      }
      if (replayed + planned === 0)
        throw new UserError(
          handler === undefined
            ? "This notification has no delivery to replay."
            : `This notification has no delivery for "${handler}" to replay.`,
        );
      const { record, ended } = await watchRecord(receiver, id, patienceMs);
      if (json) printJson({ replayed, planned, ended, record });
      else
        console.log([`Replayed: ${replayed + planned}`, ...describeDeliveries({ record, ended })].join("\n"));
      process.exitCode = ended === "well" ? 0 : 1;
    },
  );
