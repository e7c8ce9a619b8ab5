import fc from "fast-check";
import { type History, histories } from "./events.ts";
import type { explorer, Played } from "./play.ts";

export interface Explored {
  histories: number;
  steps: number;
  /** How many deliveries ended how. */
  ends: string[];
  /** The first history that violates an invariant, as small as it could be made. */
  failed: { path: string; history: History; played: Played } | null;
}

/** Plays histories until one violates an invariant, or the time is up, and then makes that one smaller. */
export async function explore(
  { play }: Pick<Awaited<ReturnType<typeof explorer>>, "play">,
  {
    seed,
    count,
    path,
    hasTime = () => true,
  }: { seed: number; count: number; path?: string; hasTime?: () => boolean },
): Promise<Explored> {
  const ends = new Map<string, number>();
  let [played, steps, isSmaller] = [0, 0, 0];
  const property = fc.asyncProperty(histories, async (history) => {
    // A smaller history is looked for in at most so many tries.
    if (!hasTime() || isSmaller > 60) return;
    // A path names one history. If it no longer fails, fast-check goes on with those beside it, without end.
    if (path !== undefined && played > 0 && isSmaller === 0) return;
    if (isSmaller > 0) isSmaller += 1;
    const result = await play(history);
    if (isSmaller === 0) {
      played += 1;
      steps += result.steps;
      for (const end of result.ends) ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    if (result.violations.length === 0) return;
    isSmaller = Math.max(1, isSmaller);
    throw new Error(result.violations.join("\n"));
  });
  const details = await fc.check(property, { seed, numRuns: count, ...(path !== undefined && { path }) });
  const [history] = details.counterexample ?? [];
  return {
    histories: played,
    steps,
    ends: [...ends].toSorted().map(([end, n]) => `${n} ${end}`),
    failed: history ? { path: details.counterexamplePath ?? "", history, played: await play(history) } : null,
  };
}

/** What a person needs to know of a history that violates an invariant. */
export function describe(seed: number, { path, history, played }: NonNullable<Explored["failed"]>): string {
  const events = history.events.map(({ kind, asset, gapMs }) => `${gapMs} ms later: ${kind} ${asset}`);
  return [
    ...played.violations,
    `npm run explore -- --seed ${seed} --path ${path} plays it again, to the same end: ${played.hash}`,
    ...events,
    ...played.trace,
  ].join("\n");
}
