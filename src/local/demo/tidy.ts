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
  /** Cleanups that flows registered, such as deleting a preset. */
  tidying: readonly (() => Promise<unknown>)[];
  /** The prefix of all public ids that the run created. */
  prefixes: readonly string[];
  signal: AbortSignal;
}

/**
 * Deletes a run's assets through the public API, which also removes its products. Notifications, decisions and mails
 * are kept. Returns what could not be deleted; null if everything was.
 */
export async function tidy(options: TidyOptions): Promise<string | null> {
  const { tidying, signal } = options;
  const problems: string[] = [];
  // The trigger is deleted last: it notifies the receiver of the deletions.
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
