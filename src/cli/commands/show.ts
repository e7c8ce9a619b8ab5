import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "@commander-js/extra-typings";
import type { Delivery, FullRecord, ShownExchange } from "../../console/shared/record.ts";
import { examples, jsonOption, urlOption } from "../command.ts";
import { columns, printable, printJson, printJsonLine } from "../output.ts";
import { findReceiver, type Receiver } from "../receiver.ts";
import { describeState } from "../report.ts";
import { UserError } from "../user-error.ts";
import { readRecord } from "../watch.ts";

export const show = new Command("show")
  .summary("show a notification and its deliveries")
  .description("Shows a notification, its deliveries and their attempts.")
  .argument("<id>", "id of the notification, as `list` shows it")
  .option("--body", "print the body only, byte for byte, such as for `send -` (needs an operator's token)")
  .addOption(
    new Option(
      "--follow",
      "print it again after each change, until its deliveries are settled; with --json a line each",
    ).conflicts("body"),
  )
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText(
    "after",
    examples([
      "show 0b9f0c2e-5d1f-4b8a-9c57-2f1f6f3a7d10",
      "show 0b9f0c2e-5d1f-4b8a-9c57-2f1f6f3a7d10 --follow",
      "show 0b9f0c2e-5d1f-4b8a-9c57-2f1f6f3a7d10 --body > notification.json",
    ]),
  )
  .action(async (id, { body = false, follow = false, url, json = false }) => {
    const receiver = findReceiver(process.cwd(), url);
    if (follow) return await followRecord(receiver, id, json);
    const record = await readRecord(receiver, id);
    if (body) process.stdout.write(bytesOf(record));
    else if (json) printJson(record);
    else console.log(describeRecord(record));
  });

const followEveryMs = 1_000;

/** Ends when no delivery is queued or running; with exit code 1 if one failed or is on hold. */
async function followRecord(receiver: Receiver, id: string, json: boolean): Promise<void> {
  let shown = "";
  for (;;) {
    const record = await readRecord(receiver, id);
    const states = record.deliveries.map(({ state }) => state);
    const now = JSON.stringify(record.deliveries);
    if (now !== shown) {
      if (json) printJsonLine(record);
      else console.log(`${shown === "" ? "" : "\n"}${describeRecord(record)}`);
    }
    shown = now;
    if (states.every((state) => state !== "due" && state !== "running")) {
      if (states.some((state) => state === "held" || state === "dead")) process.exitCode = 1;
      return;
    }
    await sleep(followEveryMs);
  }
}

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

/** The answer's body is in `--json`. */
const describeExchange = ({ method, host, path, status }: ShownExchange): string =>
  `${method} ${host}${path}: ${status ?? "no answer"}`;

function describeDelivery(delivery: Delivery): string[] {
  const tries = delivery.attempts.flatMap(({ number, startedAt, outcome, error, exchange }) => [
    [
      `  attempt ${number}`,
      startedAt,
      printable(`${outcome ?? "running"}${error === null ? "" : `: ${error}`}`),
    ],
    ...(exchange ? [["", "", printable(describeExchange(exchange))]] : []),
  ]);
  return [`${delivery.handler}  ${describeState(delivery)}`, ...columns(tries), ""];
}
