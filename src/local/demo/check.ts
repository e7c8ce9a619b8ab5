import { setTimeout as sleep } from "node:timers/promises";
import { inspect, isDeepStrictEqual } from "node:util";

/** A flow did not have the expected result. */
export class Mismatch extends Error {
  override name = "Mismatch";
  constructor(what: string, { expected, seen }: { expected: unknown; seen: unknown }) {
    super(`${what}: expected ${shown(expected)}, saw ${shown(seen)}`);
  }
}

/** Throws `Mismatch` unless both are equal. */
export function check(what: string, { expected, seen }: { expected: unknown; seen: unknown }): void {
  if (!isDeepStrictEqual(seen, expected)) throw new Mismatch(what, { expected, seen });
}

/** For conditions other than equality; `expected` describes the expected result. */
export function checkThat(what: string, holds: boolean, told: { expected: string; seen: unknown }): void {
  if (!holds) throw new Mismatch(what, { expected: words(told.expected), seen: told.seen });
}

/** Much longer than any step takes, also on a machine that does much else. */
const patienceMs = 180_000;

export interface Polled<T> {
  read: () => Promise<T>;
  holds: (value: T) => boolean;
  /** Describes what is awaited. */
  expected: string;
  pauseMs?: number;
  signal: AbortSignal;
}

/** Polls until the condition holds and returns the last value. Throws `Mismatch` on timeout. */
export async function until<T>(
  what: string,
  { read, holds, expected, pauseMs = 300, signal }: Polled<T>,
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const seen = await read();
    if (holds(seen)) return seen;
    if (Date.now() > end)
      throw new Mismatch(`${what}, for ${patienceMs / 1_000} s`, { expected: words(expected), seen });
    await sleep(pauseMs, undefined, { signal });
  }
}

/** Printed without quotes. */
const words = (text: string) => ({ [inspect.custom]: () => text });

const shown = (value: unknown): string =>
  inspect(value, {
    depth: 4,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 300,
    maxArrayLength: 12,
  });
