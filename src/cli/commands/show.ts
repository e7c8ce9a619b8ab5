import type { Delivery, FullRecord } from "../../console/shared/record.ts";
import { masked, maskedValue } from "../../lib/shared/masked.ts";
import { onlyOne, parseOptions } from "../arguments.ts";
import { columns, printable } from "../output.ts";
import { findReceiver } from "../receiver.ts";
import { stateOf } from "../report.ts";
import { UserError } from "../user-error.ts";
import { readRecord } from "../watch.ts";

export const showUsage = `npm run webhooks -- show <id>   a notification and what became of it

  --body            its exact bytes and nothing else, by npm run -s, such as for \`send -\`
  --url <address>   a receiver elsewhere (default: the one that npm start runs in this folder)
  --json            for scripts, by npm run -s`;

/** Returns the exit code. */
export async function show(args: readonly string[], folder: string): Promise<number> {
  const { values, positionals } = parseOptions(
    args,
    { body: { type: "boolean", default: false } },
    showUsage,
  );
  const id = onlyOne(positionals, "an id, as list shows them", showUsage);
  const record = await readRecord(findReceiver(folder, values.url), id);
  if (values.body) process.stdout.write(bytesOf(record));
  else console.log(values.json ? JSON.stringify(shownOf(record), null, 2) : tellRecord(record));
  return 0;
}

/** Without the exact bytes' secrets; `--body` has them. */
function shownOf({ body, ...record }: FullRecord) {
  const content = body?.encoding === "text" ? masked(body.content) : body?.content;
  return { ...maskedValue(record), body: body && { ...body, content } };
}

function bytesOf({ body }: FullRecord): Buffer {
  if (body === null) throw new UserError("Exact bytes need an operator's token: this one is a viewer's.");
  return Buffer.from(body.content, body.encoding === "text" ? "utf8" : "base64");
}

function tellRecord(record: FullRecord): string {
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
    ["came by", unexpectedFor && `${unexpectedFor}, which is meant for other types`],
    [
      "verified by",
      verdict ? `${verdict.secretName}, ${verdict.algorithm}, ${verdict.ageSeconds} s old` : record.source,
    ],
    ["body", `${record.body ? `${record.body.bytes} bytes, ` : ""}SHA-256 ${record.bodySha256}`],
  ];
  const known = facts.flatMap(([name, value]) => (value === null ? [] : [[name, printable(value)]]));
  return [...columns(known), "", ...record.deliveries.flatMap(tellDelivery)].join("\n").trimEnd();
}

function tellDelivery(delivery: Delivery): string[] {
  const tries = delivery.attempts.map(({ number, startedAt, outcome, error }) => [
    `  attempt ${number}`,
    startedAt,
    printable(`${outcome ?? "running"}${error === null ? "" : `: ${error}`}`),
  ]);
  return [`${delivery.handler}  ${printable(stateOf(delivery))}`, ...columns(tries), ""];
}
