import type { Delivery } from "../console/record.ts";
import type { Sending } from "./post.ts";
import type { Watched } from "./watch.ts";

/** A notification that was sent, and what became of it. */
export type Sent = Watched & { sending: Sending };

/** For a person. */
export function tell({ sending, record, ended }: Sent): string {
  const { url, ms, id, timesSeen } = sending;
  const about = record.publicId === null ? record.type : `${record.type} of ${record.publicId}`;
  const seen = timesSeen === 1 ? "" : `, seen ${timesSeen} times`;
  const width = Math.max(...record.deliveries.map(({ handler }) => handler.length), 0) + 2;
  return [
    `POST ${url}  ${about}`,
    `200 in ${ms} ms: recorded as ${id}${seen}`,
    ...(record.deliveries.length === 0 ? ["No handler is routed for this type (src/settings.ts)."] : [""]),
    ...record.deliveries.map((delivery) => `  ${delivery.handler.padEnd(width)}${stateOf(delivery)}`),
    ...(ended === "open" ? ["", "Not settled yet: the sweep goes on with it, every five minutes."] : []),
  ].join("\n");
}

function stateOf(delivery: Delivery): string {
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
