import type { Delivery } from "../console/shared/record.ts";
import { columns, printable } from "./output.ts";
import type { Sending } from "./post.ts";
import type { Watched } from "./watch.ts";

/** A notification that was sent, and what became of it. */
export type Sent = Watched & { sending: Sending };

/** Prints what was sent and what became of it; returns the exit code. */
export function report(sent: readonly Sent[], { json }: { json: boolean }): number {
  console.log(json ? JSON.stringify({ notifications: sent }, null, 2) : sent.map(tell).join("\n\n"));
  return sent.every(({ ended }) => ended === "well") ? 0 : 1;
}

/** For a person. */
function tell({ sending, ...watched }: Sent): string {
  const { url, ms, id, timesSeen } = sending;
  const { type, publicId } = watched.record;
  const about = publicId === null ? type : `${type} of ${publicId}`;
  return [
    `POST ${url}  ${printable(about)}`,
    `200 in ${ms} ms: recorded as ${id}`,
    ...(timesSeen > 1
      ? [
          `Seen ${timesSeen} times: the same notification, so nothing is done again. \`replay\` does it again.`,
        ]
      : []),
    ...tellDeliveries(watched),
  ].join("\n");
}

export function tellDeliveries({ record, ended }: Watched): string[] {
  if (record.deliveries.length === 0) return ["No handler is routed for this type (src/settings.ts)."];
  const rows = record.deliveries.map((delivery) => [`  ${delivery.handler}`, printable(stateOf(delivery))]);
  const open =
    ended === "open" ? ["", "Not settled yet: the sweep goes on with it, every five minutes."] : [];
  return ["", ...columns(rows), ...open];
}

export function stateOf(delivery: Delivery): string {
  const { state, result, lastError, attempts, dueAt } = delivery;
  const why = lastError === null ? "" : `: ${lastError}`;
  switch (state) {
    case "done":
      return `done     ${JSON.stringify(result)}`;
    case "skipped":
      return `skipped${why === "" ? `  ${JSON.stringify(result)}` : why}`;
    case "held":
      return `held for a person${why}`;
    case "dead":
      return `dead after ${attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`}${why}`;
    case "running":
      return "running";
    case "due":
      return attempts.length === 0 ? "waits to be taken up" : `tries again at ${dueAt}${why}`;
    default:
      return state satisfies never;
  }
}
