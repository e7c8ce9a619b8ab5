import { randomUUID } from "node:crypto";
import { Command } from "@commander-js/extra-typings";
import type { FullRecord } from "../../console/shared/record.ts";
import { examples, jsonOption, urlOption } from "../command.ts";
import { erase } from "../erase.ts";
import { columns, printJson } from "../output.ts";
import { postSigned } from "../post.ts";
import { findReceiver, type Receiver } from "../receiver.ts";
import { UserError } from "../user-error.ts";
import { readRecord } from "../watch.ts";

/** A type that Cloudinary does not have and no route names, so that no handler gets a delivery. */
export const smokeType = "receiver_smoke_test";

export const smoke = new Command("smoke")
  .summary("check a deployed receiver with a test notification")
  .description(
    `Sends a signed notification of the type ${smokeType} to a receiver, compares its record with what was sent, and erases it. ` +
      "No handler acts on this type: no e-mail, no product and no decision changes. What remains are an erased notification " +
      "and an entry in the audit log. Needs an operator's token. Exits with 1 if a step fails.",
  )
  .addOption(urlOption)
  .addOption(jsonOption)
  .addHelpText("after", examples(["smoke --url https://hooks.example.com", "smoke"]))
  .action(async ({ url, json = false }) => {
    const receiver = findReceiver(process.cwd(), url);
    if (receiver.token === null)
      throw new UserError("This needs an operator's token: set OPERATOR_TOKEN to one of the receiver's.", 2);
    const result = await check(receiver);
    if (json) printJson(result);
    else console.log(describe(result));
  });

interface SmokeResult {
  url: string;
  id: string;
  /** From the request to the receiver's answer. */
  ms: number;
  secretName: string;
  erased: boolean;
}

/** Throws `UserError` at the first step that fails. The notification is erased also if its record is not as expected. */
async function check(receiver: Receiver): Promise<SmokeResult> {
  const body = JSON.stringify({
    notification_type: smokeType,
    note: "A test of the receiver by `webhooks smoke`. It is about no asset.",
    timestamp: new Date().toISOString(),
    request_id: randomUUID(),
  });
  const { url, ms, id } = await postSigned(receiver, { path: "/webhooks", body: Buffer.from(body) });
  const record = await readRecord(receiver, id);
  const { finished } = await erase(receiver, { notification: id, reason: "smoke test" });
  const problems = differences(record, body);
  if (!finished) problems.push("the record is not erased yet; the sweep erases it");
  if (problems.length > 0) throw new UserError(`Recorded as ${id}, but ${problems.join("; ")}.`);
  return { url, id, ms, secretName: record.verdict?.secretName ?? "", erased: finished };
}

function differences({ body, verdict, deliveries }: FullRecord, sent: string): string[] {
  const handlers = deliveries.map(({ handler }) => handler).join(", ");
  return [
    body?.content === sent ? "" : "the recorded body is not the one that was sent",
    verdict === null ? "its signature was not verified" : "",
    handlers === ""
      ? ""
      : `it has deliveries (${handlers}): remove ${smokeType} from \`routes\` in src/settings.ts`,
  ].filter(Boolean);
}

function describe({ url, id, ms, secretName }: SmokeResult): string {
  return columns([
    ["sent", `${url}, 200 in ${ms} ms`],
    ["verified", `with the secret ${secretName}`],
    ["recorded", `${id}, byte for byte, without deliveries`],
    ["erased", "the notification's data; the audit log says so"],
  ]).join("\n");
}
