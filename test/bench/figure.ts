/** Two costs, or two rates, measured in rounds that alternate between them. */
export interface Figure {
  /** What is measured. */
  name: string;
  /** What it is held against. */
  against: string;
  unit: "µs" | "ms" | "1/s" | "calls" | "KB" | "rows";
  ours: number;
  theirs: number;
  /** `ours` by `theirs`. */
  ratio: number;
  /** The middle half of the ratios of single rounds lies between these; null where a round has none. */
  spread: readonly [number, number] | null;
  aim: Aim | null;
}

export type Aim = { atLeast: number } | { atMost: number };

export function isMet({ ratio, aim }: Figure): boolean | null {
  if (aim === null) return null;
  return "atLeast" in aim ? ratio >= aim.atLeast : ratio <= aim.atMost;
}

/** A contender measures itself once and returns the figure of that round. */
export type Contender = () => number | Promise<number>;

/**
 * Lets every contender have its turn in every round, in an order that moves on by one each time, so that whatever else the
 * machine does falls on all of them. Returns the figures of each contender, by round.
 */
export async function alternate<Name extends string>(
  rounds: number,
  contenders: Record<Name, Contender>,
  warmUp = 1,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders).filter((name): name is Name => name in contenders);
  const figures = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = -warmUp; round < rounds; round += 1) {
    const first = (round + warmUp) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const figure = await contenders[name]();
      if (round >= 0) figures.get(name)?.push(figure);
    }
  }
  return Object.fromEntries(figures) as Record<Name, number[]>;
}

export interface Comparison extends Pick<Figure, "name" | "against" | "unit" | "aim"> {
  ours: readonly number[];
  theirs: readonly number[];
}

/** The medians of both, their ratio, and how far the rounds lie apart. */
export function compare({ ours, theirs, ...described }: Comparison): Figure {
  const ratios = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
  return {
    ...described,
    ours: median(ours),
    theirs: median(theirs),
    ratio: median(ours) / median(theirs),
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
  };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that the share `at` of them does not exceed. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN;
}
