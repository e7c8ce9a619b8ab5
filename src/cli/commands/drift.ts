import { Command } from "@commander-js/extra-typings";
import { examples, jsonOption, urlOption } from "../command.ts";
import { columns, printable, printJson } from "../output.ts";
import { findReceiver } from "../receiver.ts";
import { answered, recordsOf } from "../records.ts";

const kindNames = {
  type: "unknown type",
  field: "unknown field",
  value: "tolerated value",
  schema: "rejected value",
};

export const drift = new Command("drift")
  .summary("list what Cloudinary sends and the receiver does not know")
  .description(
    "Lists types and fields that no schema of the receiver knows, values that a schema tolerates, and values because of which a body " +
      "was rejected, newest first, with the number of notifications and the form of one value: letters are printed as x, digits as 0. " +
      "A worker counts them some seconds after a notification arrives. docs/when-things-fail.md says what to do.",
  )
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText("after", examples(["drift", "drift --url https://hooks.example.com --json"]))
  .action(async ({ url, json = false }) => {
    const receiver = findReceiver(process.cwd(), url);
    const { drift: found } = await answered(receiver, recordsOf(receiver).drift.$get());
    if (json) return printJson(found);
    if (found.length === 0) return console.log("None: every notification is as the schemas describe it.");
    const rows = found.map(({ kind, type, path, sample, count, firstAt }) => [
      firstAt.slice(0, 16).replace("T", " "),
      kindNames[kind],
      printable(kind === "type" ? type : `${type}: ${path}`),
      printable(sample),
      `${count}x`,
    ]);
    console.log(columns([["FIRST (UTC)", "", "WHERE", "SAMPLE", "COUNT"], ...rows]).join("\n"));
  });
