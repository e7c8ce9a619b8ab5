import { setTimeout as sleep } from "node:timers/promises";
import { misunderstood, onlyOne, parseOptions } from "../arguments.ts";
import { columns, printable } from "../output.ts";
import { findReceiver, type Receiver } from "../receiver.ts";
import { answered, recordsOf } from "../records.ts";
import { UserError } from "../user-error.ts";

export const forgetUsage = `npm run webhooks -- forget <asset_id or public_id> --reason <text>   erases everything that was recorded about an asset

  --dry-run         says what would be erased, and erases nothing
  --notification    the argument is the id of one notification: erases this one alone
  --url <address>   a receiver elsewhere (default: the one that npm start runs in this folder)
  --json            for scripts, by npm run -s
It cannot be undone. Delete the asset at Cloudinary first: what Cloudinary still has is recorded again with its next notification.
The reason is kept with your name; give a case number, no person. Exits with 0 when everything is erased, with 1 when something is left.`;

const options = {
  reason: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  notification: { type: "boolean", default: false },
} as const;

/** Longer than a worker holds a delivery. */
const patienceMs = 90_000;
const pauseMs = 2_000;

/** Returns the exit code. */
export async function forget(args: readonly string[], folder: string): Promise<number> {
  const { values, positionals } = parseOptions(args, options, forgetUsage);
  const id = onlyOne(positionals, "an asset id or a public id", forgetUsage);
  const { reason } = values;
  if (reason === undefined && !values["dry-run"])
    throw misunderstood("--reason is required (or --dry-run)", forgetUsage);
  const receiver = findReceiver(folder, values.url);
  const target = values.notification ? { notification: id } : { asset: id };
  return values["dry-run"]
    ? await preview(receiver, target, values.json)
    : await erase(receiver, { ...target, reason: reason ?? "" }, values.json);
}

type Target = { notification: string } | { asset: string };

async function preview(receiver: Receiver, target: Target, json: boolean): Promise<number> {
  const found = await answered(receiver, recordsOf(receiver).erasures.preview.$post({ json: target }));
  if (json) {
    console.log(JSON.stringify(found, null, 2));
    return 0;
  }
  const facts = [
    ["asset ids", found.assetIds.join(", ") || "none"],
    ["public ids", found.publicIds.join(", ") || "none"],
    ["notifications", `${found.notifications}, ${found.shared} of them name other assets too`],
    ["deliveries", `${found.deliveries}, ${found.open} of them not settled`],
  ].map(([name = "", value = ""]) => [name, printable(value)]);
  const lines = ["Would be erased:", ...columns(facts)];
  if ("asset" in target && !found.deleted)
    lines.push(
      "",
      "Its newest notification is no deletion: Cloudinary may still have it, and its next notification is recorded again.",
    );
  console.log(lines.join("\n"));
  return 0;
}

/** Batch by batch; waits for what a worker is at. */
async function erase(
  receiver: Receiver,
  json: Target & { reason: string },
  asJson: boolean,
): Promise<number> {
  const { erasures } = recordsOf(receiver);
  let progress = await answered(receiver, erasures.$post({ json }));
  let until = Date.now() + patienceMs;
  while (!progress.finished && Date.now() < until) {
    if (progress.erased > 0) until = Date.now() + patienceMs;
    else await sleep(pauseMs);
    if (!asJson) console.error(`${progress.left} notifications left`);
    progress = await answered(receiver, erasures[":id"].continue.$post({ param: { id: progress.id } }));
  }
  if (asJson) console.log(JSON.stringify(progress, null, 2));
  else if (progress.finished) console.log(tell(progress));
  if (!progress.finished)
    throw new UserError(
      `${progress.left} notifications are not erased yet: workers are at ${progress.running} of them. The sweep goes on with it.`,
    );
  return 0;
}

function tell({ id, counts }: { id: string; counts: Record<string, number> }): string {
  const facts = Object.entries(counts).map(([name, count]) => [`  ${name}`, String(count)]);
  return [`Erased (${id}):`, ...columns(facts)].join("\n");
}
