import type { Delivery } from "../console/shared/record.ts";
import { columns, printable, printJson, styled } from "./output.ts";
import type { Sending } from "./post.ts";
import type { Watched } from "./watch.ts";

/** A notification that was sent, and its record. */
export type Sent = Watched & { sending: Sending };

/** Prints what was sent and the state of its deliveries. Returns the exit code. */
export function report(sent: readonly Sent[], { json }: { json: boolean }): number {
  if (json) printJson({ notifications: sent });
  else console.log(sent.map(describe).join("\n\n"));
  return sent.every(({ ended }) => ended === "well") ? 0 : 1;
}

function describe({ sending, ...watched }: Sent): string {
  const { url, ms, id, timesSeen } = sending;
  const { type, publicId } = watched.record;
  const about = publicId === null ? type : `${type} of ${publicId}`;
  return [
    `POST ${url}  ${printable(about)}`,
    `200 in ${ms} ms: recorded as ${id}`,
    ...(timesSeen > 1
      ? [
          `Received ${timesSeen} times: this is a duplicate, and its deliveries are not repeated. Use \`replay\` to repeat them.`,
        ]
      : []),
    ...describeDeliveries(watched),
  ].join("\n");
}

export function describeDeliveries({ record, ended }: Watched): string[] {
  if (record.deliveries.length === 0)
    return ["No handler is configured for this type (`routes` in src/settings.ts)."];
  const rows = record.deliveries.map((delivery) => [`  ${delivery.handler}`, describeState(delivery)]);
  const open =
    ended === "open"
      ? ["", "Not finished yet: the sweep, which runs every five minutes, will continue."]
      : [];
  return ["", ...columns(rows), ...open];
}

/** The state of a delivery with its reason, in colours on a terminal. */
export function describeState(delivery: Delivery): string {
  const { state, result, lastError, attempts, dueAt } = delivery;
  const reason = lastError === null ? "" : printable(`: ${lastError}`);
  switch (state) {
    case "done":
      return `${styled("green", "done")}     ${printable(JSON.stringify(result))}`;
    case "skipped":
      return `skipped${reason || `  ${printable(JSON.stringify(result))}`}`;
    case "held":
      return `${styled("yellow", "on hold")}${reason}`;
    case "dead":
      return `${styled("red", "dead")} after ${attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`}${reason}`;
    case "running":
      return "running";
    case "due":
      return attempts.length === 0 ? "queued" : `${styled("yellow", "retry")} at ${dueAt}${reason}`;
    default:
      return state satisfies never;
  }
}
