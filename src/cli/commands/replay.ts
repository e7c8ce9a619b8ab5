import { misunderstood, onlyOne, parseOptions } from "../arguments.ts";
import { findReceiver } from "../receiver.ts";
import { answered, recordsOf } from "../records.ts";
import { tellDeliveries } from "../report.ts";
import { patienceMs } from "../send-and-watch.ts";
import { UserError } from "../user-error.ts";
import { watchRecord } from "../watch.ts";

export const replayUsage = `npm run webhooks -- replay <id> --reason <text>   makes a notification's deliveries due again, and says what became of them

  --handler <name>  this one only
  --start-over      also what is known to be done: a mail goes to everybody again
  --url <address>   a receiver elsewhere (default: the one that npm start runs in this folder)
  --json            for scripts, by npm run -s
The reason is recorded with the operator's name. Ends with 0 when every delivery is done or skipped, with 1 otherwise.`;

const options = {
  reason: { type: "string" },
  handler: { type: "string" },
  "start-over": { type: "boolean", default: false },
} as const;

/** Returns the exit code. */
export async function replay(args: readonly string[], folder: string): Promise<number> {
  const { values, positionals } = parseOptions(args, options, replayUsage);
  const id = onlyOne(positionals, "an id, as list shows them", replayUsage);
  const { reason, handler } = values;
  if (reason === undefined) throw misunderstood("Say why, by --reason", replayUsage);
  const receiver = findReceiver(folder, values.url);
  const call = recordsOf(receiver).notifications[":id"].replay.$post({
    param: { id },
    json: { reason, forget: values["start-over"], ...(handler !== undefined && { handler }) },
  });
  const { replayed, planned } = await answered(receiver, call);
  if (replayed + planned === 0)
    throw new UserError(
      handler === undefined
        ? "There is nothing to replay."
        : `It has no delivery to "${handler}" that could be replayed.`,
    );
  const { record, ended } = await watchRecord(receiver, id, patienceMs);
  console.log(
    values.json
      ? JSON.stringify({ replayed, planned, ended, record }, null, 2)
      : [`Replayed: ${replayed + planned}`, ...tellDeliveries({ record, ended })].join("\n"),
  );
  return ended === "well" ? 0 : 1;
}
