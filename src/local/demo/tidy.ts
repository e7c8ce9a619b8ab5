import { errorText } from "../../lib/log.ts";
import type { Arrivals } from "./arrivals.ts";
import { check } from "./check.ts";
import type { Cloud } from "./cloud.ts";
import type { Receiver } from "./receiver.ts";

export interface TidyOptions {
  run: string;
  cloud: Cloud;
  receiver: Receiver;
  arrivals: Arrivals;
  /** What flows asked for, such as deleting a preset. */
  tidying: readonly (() => Promise<unknown>)[];
  /** Of the public ids of all that was made. */
  prefixes: readonly string[];
  signal: AbortSignal;
}

/**
 * Takes away, by the ordinary API, what a run made: its assets, and with them the rows of its products. The record of what
 * happened stays: notifications, decisions, mails. Returns what could not be taken away, null when all of it was.
 */
export async function tidy(options: TidyOptions): Promise<string | null> {
  const { cloud, receiver, arrivals, prefixes, run, signal } = options;
  try {
    for (const work of options.tidying) await work();
    for (const prefix of prefixes) await cloud.removeAll(prefix);
    const left = (await Promise.all(prefixes.map(cloud.list))).flat();
    check("assets of the run", { expected: [], seen: left });
    if (signal.aborted) return null;
    // The deletes are notified, and take the pictures out of the products.
    await arrivals.quiet(({ type, publicId }) => type === "delete" || publicId?.includes(run) === true);
    check("products and pictures of the run", { expected: [], seen: await receiver.pictured(run) });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : errorText(error);
  }
}
