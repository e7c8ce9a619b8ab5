import type { Delivery } from "../console/shared/record.ts";
import type { Links } from "./links.ts";
import { outcomeOf, type ProductChange, skipReason } from "./outcome.ts";
import { columns, printable, printJson, styled } from "./output.ts";
import type { Sending } from "./post.ts";
import type { Watched } from "./watch.ts";

/** A notification that was sent, and its record. */
export type Sent = Watched & {
  sending: Sending;
  /** The outcome for the product, if it is known. */
  product?: ProductChange | null;
};

export interface ReportOptions {
  json: boolean;
  links?: Links;
  /** What else to say, a line each. */
  notes?: readonly string[];
}

/** Prints what was sent and what the deliveries did. Returns the exit code. */
export function report(sent: readonly Sent[], { json, links = {}, notes = [] }: ReportOptions): number {
  if (json) printJson({ notifications: sent.map(withOutcomes), links, notes });
  else
    console.log(
      [
        ...sent.map(describe),
        ...(Object.keys(links).length > 0 ? [describeLinks(links)] : []),
        ...notes,
      ].join("\n\n"),
    );
  return sent.every(({ ended }) => ended === "well") ? 0 : 1;
}

/** For scripts: the results, and each in words. */
const withOutcomes = (sent: Sent) => ({
  ...sent,
  outcomes: sent.record.deliveries.map((delivery) => ({
    handler: delivery.handler,
    state: delivery.state,
    text: delivery.state === "done" ? outcomeOf(delivery, sent.product) : delivery.lastError,
  })),
});

function describe({ sending, product = null, ...watched }: Sent): string {
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
    ...describeDeliveries(watched, product),
  ].join("\n");
}

function describeLinks(links: Links): string {
  return columns(Object.entries(links).map(([name, url]) => [`  ${name}`, url])).join("\n");
}

export function describeDeliveries(
  { record, ended }: Watched,
  product: ProductChange | null = null,
): string[] {
  if (record.deliveries.length === 0)
    return ["No handler is configured for this type (`routes` in src/settings.ts)."];
  const rows = record.deliveries.map((delivery) => [
    `  ${delivery.handler}`,
    describeState(delivery, product),
  ]);
  const open =
    ended === "open"
      ? ["", "Not finished yet: the sweep, which runs every five minutes, will continue."]
      : [];
  return ["", ...columns(rows), ...open];
}

/** The state of a delivery with its outcome or reason, in colours on a terminal. */
export function describeState(delivery: Delivery, product: ProductChange | null = null): string {
  const { state, result, lastError, attempts, dueAt } = delivery;
  const reason = lastError === null ? "" : printable(`: ${lastError}`);
  switch (state) {
    case "done":
      return `${styled("green", "done")}     ${printable(outcomeOf(delivery, product) ?? JSON.stringify(result))}`;
    case "skipped":
      return lastError === null
        ? `skipped  ${printable(JSON.stringify(result))}`
        : `skipped: ${printable(skipReason(lastError))}`;
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
