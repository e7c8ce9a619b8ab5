import { Command } from "@commander-js/extra-typings";
import { examples, jsonOption, urlOption } from "../command.ts";
import { columns, printJson } from "../output.ts";
import { showProgress } from "../progress.ts";
import { findReceiver } from "../receiver.ts";
import { answered, recordsOf } from "../records.ts";
import { UserError } from "../user-error.ts";

export const backfill = new Command("backfill")
  .summary("record the assets that are older than the receiver")
  .description(
    "Lists the whole library at Cloudinary and records each asset of which no upload notification was received, so that products " +
      "are complete. The receiver makes the Admin API calls, one for 500 assets, and leaves the share of the hourly limit that " +
      "`moderation.reconcile.keepShare` names. An interrupted backfill continues where it stopped. No e-mails are sent, and no " +
      "moderation decisions are carried out. List the folders that visitors upload to in `pim.untrusted` first. " +
      "Needs an operator's token. Exits with 1 if the library is not complete yet.",
  )
  .option("--dry-run", "count what would be recorded and record nothing; this makes the same Admin API calls")
  .option("--restart", "start at the beginning, even if the last backfill was interrupted")
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText("after", examples(["backfill --dry-run", "backfill --url https://hooks.example.com"]))
  .action(async ({ dryRun = false, restart = false, url, json = false }) => {
    const receiver = findReceiver(process.cwd(), url);
    const { backfill: calls } = recordsOf(receiver).pim;
    const step = (body: Parameters<typeof calls.$post>[0]["json"]) =>
      answered(receiver, calls.$post({ json: body }));
    let progress = await step({ dryRun, restart });
    const sum = { listed: progress.listed, recorded: progress.recorded, adminCalls: progress.adminCalls };
    using status = showProgress();
    while (progress.position !== null && (progress.stopped === null || progress.stopped === "time")) {
      status.show(`Listing ${progress.position.stage} assets: ${sum.listed} listed, ${sum.recorded} new`);
      progress = await step({ dryRun, position: progress.position });
      // A dry run is not stored, so the receiver counts from zero each time.
      for (const name of ["listed", "recorded", "adminCalls"] as const)
        sum[name] = dryRun ? sum[name] + progress[name] : progress[name];
    }
    const finished = progress.position === null;
    if (json) printJson({ ...sum, finished, stopped: progress.stopped });
    else
      console.log(
        columns([
          ["assets listed", String(sum.listed)],
          [dryRun ? "would be recorded" : "recorded", String(sum.recorded)],
          ["Admin API calls", String(sum.adminCalls)],
        ]).join("\n"),
      );
    if (!finished)
      throw new UserError(
        "The hourly limit of the Admin API is reached, as far as `keepShare` allows. " +
          (dryRun
            ? "Repeat the dry run in an hour."
            : "Run the command again in an hour: it continues there."),
      );
  });
