import type { Arrivals } from "./arrivals.ts";
import { check, until } from "./check.ts";
import type { Cloud } from "./cloud.ts";
import { problemOf } from "./problem.ts";
import type { Receiver } from "./receiver.ts";

type Work = () => Promise<unknown>;

export interface TidyOptions {
  run: string;
  cloud: Cloud;
  receiver: Receiver;
  arrivals: Arrivals;
  /** Whether to delete what the run made. */
  isTidy: boolean;
  /** How to delete what has no public id of the run. */
  tidying: readonly Work[];
  /** How to restore settings, such as presets and triggers. */
  restoring: readonly Work[];
  /** The prefix of all public ids that the run created. */
  prefixes: readonly string[];
  signal: AbortSignal;
}

/**
 * Restores settings. If asked to, it first deletes a run's assets through the public API, which also removes its products;
 * notifications, decisions and mails are kept. Returns what could not be done; null if everything was.
 */
export async function tidy(options: TidyOptions): Promise<string | null> {
  const { isTidy, tidying, restoring, signal } = options;
  const problems: string[] = [];
  const deleting = [() => removeAssets(options), () => productsGone(options), ...tidying.toReversed()];
  // The trigger is deleted last: it notifies the receiver of the deletions.
  const works: Work[] = [...(isTidy ? deleting : []), ...restoring.toReversed()];
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
