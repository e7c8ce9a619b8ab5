import { Command } from "@commander-js/extra-typings";
import type { Delivery, FullRecord } from "../../console/shared/record.ts";
import { examples, jsonOption, urlOption } from "../command.ts";
import { columns, printable, printJson } from "../output.ts";
import { findReceiver } from "../receiver.ts";
import { describeState } from "../report.ts";
import { UserError } from "../user-error.ts";
import { readRecord } from "../watch.ts";

export const show = new Command("show")
  .summary("show a notification and its deliveries")
  .description("Shows a notification, its deliveries and their attempts.")
  .argument("<id>", "id of the notification, as `list` shows it")
  .option("--body", "print the body only, byte for byte, such as for `send -` (needs an operator's token)")
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples([
      "show 0b9f0c2e-5d1f-4b8a-9c57-2f1f6f3a7d10",
      "show 0b9f0c2e-5d1f-4b8a-9c57-2f1f6f3a7d10 --body > notification.json",
    ]),
  )
  .action(async (id, { body = false, url, json = false }) => {
    const record = await readRecord(findReceiver(process.cwd(), url), id);
    if (body) process.stdout.write(bytesOf(record));
    else if (json) printJson(record);
    else console.log(describeRecord(record));
  });

function bytesOf({ body }: FullRecord): Buffer {
  if (body === null)
    throw new UserError("The body can be read with an operator's token only; OPERATOR_TOKEN is a viewer's.");
  return Buffer.from(body.content, body.encoding === "text" ? "utf8" : "base64");
}

function describeRecord(record: FullRecord): string {
  const { verdict, publicId, assetId, requestId, unexpectedFor } = record;
  const facts: [string, string | null][] = [
    ["notification", record.id],
    ["type", record.type],
    ["public id", publicId],
    ["asset id", assetId],
    ["request id", requestId],
    ["received", record.receivedAt],
    ["times seen", record.timesSeen > 1 ? `${record.timesSeen}, last ${record.lastSeenAt}` : null],
    ["erased", record.erasedAt],
    ["received on", unexpectedFor && `${unexpectedFor}, which expects other types`],
    [
      "verified by",
      verdict ? `${verdict.secretName}, ${verdict.algorithm}, ${verdict.ageSeconds} s old` : record.source,
    ],
    ["body", `${record.body ? `${record.body.bytes} bytes, ` : ""}SHA-256 ${record.bodySha256}`],
  ];
  const known = facts.flatMap(([name, value]) => (value === null ? [] : [[name, printable(value)]]));
  return [...columns(known), "", ...record.deliveries.flatMap(describeDelivery)].join("\n").trimEnd();
}

function describeDelivery(delivery: Delivery): string[] {
  const tries = delivery.attempts.map(({ number, startedAt, outcome, error }) => [
    `  attempt ${number}`,
    startedAt,
    printable(`${outcome ?? "running"}${error === null ? "" : `: ${error}`}`),
  ]);
  return [`${delivery.handler}  ${describeState(delivery)}`, ...columns(tries), ""];
}
