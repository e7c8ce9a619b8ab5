import type { Arrivals } from "./arrivals.ts";
import { check, until } from "./check.ts";
import type { Cloud } from "./cloud.ts";
import { problemOf } from "./problem.ts";
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
  const { tidying, signal } = options;
  const problems: string[] = [];
  // The trigger comes last: it is what tells the receiver of the deletes.
  const works = [() => removeAssets(options), () => productsGone(options), ...tidying.toReversed()];
  for (const work of works) {
    await work().catch((error: unknown) => {
      if (!signal.aborted) problems.push(problemOf(error));
    });
  }
  return problems.length === 0 ? null : problems.join("\n");
}

async function removeAssets({ cloud, prefixes }: TidyOptions): Promise<void> {
  for (const prefix of prefixes) await cloud.removeAll(prefix);
  const left = (await Promise.all(prefixes.map(cloud.list))).flat();
  check("assets of the run", { expected: [], seen: left });
}

async function productsGone({ receiver, arrivals, run, signal }: TidyOptions): Promise<void> {
  signal.throwIfAborted();
  await until("products and pictures of the run", {
    read: () => receiver.pictured(run),
    holds: (pictured) => pictured.length === 0,
    expected: "none",
    signal,
  });
  await arrivals.quiet(({ publicId }) => publicId?.includes(run) === true);
}
