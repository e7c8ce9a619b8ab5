import { setTimeout as sleep } from "node:timers/promises";
import { inspect, isDeepStrictEqual } from "node:util";

/** A flow did not do what it is for. */
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

/** The same for what is no equation; `expected` says it in words. */
export function checkThat(what: string, holds: boolean, told: { expected: string; seen: unknown }): void {
  if (!holds) throw new Mismatch(what, { expected: words(told.expected), seen: told.seen });
}

/** Much longer than anything takes on a quiet machine. */
const patienceMs = 60_000;

export interface Polled<T> {
  read: () => Promise<T>;
  holds: (value: T) => boolean;
  /** In words. */
  expected: string;
  pauseMs?: number;
  signal: AbortSignal;
}

/** Reads until it holds, and returns what was read last. Throws `Mismatch` when it does not come to that. */
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

/** Printed as it stands, not as a quoted text. */
const words = (text: string) => ({ [inspect.custom]: () => text });

const shown = (value: unknown): string =>
  inspect(value, {
    depth: 4,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 300,
    maxArrayLength: 12,
  });
