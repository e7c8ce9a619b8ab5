import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { stopwatch } from "../../src/lib/shared/stopwatch.ts";
import { commandLines, problemOf } from "./command-line.ts";
import { callConsole, consoleCalls } from "./console.ts";
import { heapBytes, mustHold } from "./entry.ts";
import { requests } from "./requests.ts";
import { type FuzzWorld, fuzzWorld } from "./world.ts";

// `npm run fuzz` runs the same for longer, with inputs that are new each time; here they are the same, so that no change is blamed for
// what it did not break.
const minutes = Number(process.env.FUZZ_MINUTES ?? 0);
const given = process.env.FUZZ_SEED;
const seeds = given === undefined ? [1, 2_000] : [Number(given)];
const limitMs = minutes > 0 ? minutes * 60_000 : 3_000;
const timeout = limitMs + 120_000;

let world: FuzzWorld;
beforeAll(async () => {
  world = await fuzzWorld();
});
afterAll(async () => {
  await world.close();
  vi.unstubAllEnvs();
});
beforeEach(() => {
  for (const name of ["log", "warn", "error"] as const)
    vi.spyOn(console, name).mockImplementation(() => undefined);
});

/**
 * Runs a property until the time is up, at least once. Each run has a seed of its own, the next one after the last: the one that is
 * named by a failure fails at its first run.
 */
async function forAWhile<T>(
  property: fc.IAsyncPropertyWithHooks<[T]>,
  { seed, ms }: { seed: number; ms: number },
): Promise<number> {
  const elapsedMs = stopwatch();
  let next = seed;
  do {
    const { failed, errorInstance } = await fc.check(property, {
      seed: next,
      numRuns: 1,
      endOnFailure: true,
    });
    if (failed) throw new Error(`npm run fuzz -- --seed ${next} fails at once`, { cause: errorInstance });
    next += 1;
  } while (elapsedMs() < ms);
  return next - seed;
}

describe("any request", () => {
  it.each(seeds)(
    "is answered, recorded and delivered, or rejected with its reason (seed %i)",
    { timeout },
    async (seed) => {
      const heap: number[] = [];
      let sent = 0;
      const ends = new Map<string, number>();
      const batches = fc.array(fc.noBias(requests(world.known)), {
        minLength: 1,
        maxLength: 12,
        size: "max",
      });
      const property = fc
        .asyncProperty(batches, async (batch) => {
          sent += batch.length;
          for (const end of await mustHold(world, batch)) ends.set(end, (ends.get(end) ?? 0) + 1);
          heap.push(heapBytes());
        })
        .beforeEach(() => world.forget());
      const runs = await forAWhile(property, { seed, ms: limitMs });
      const deliveries = [...ends].map(([end, n]) => `${n} ${end}`).join(", ");
      process.stdout.write(
        `fuzz: seed ${seed}, ${sent} requests in ${runs} batches; deliveries: ${deliveries}\n`,
      );
      const [middle = 0, last = 0] = [heap[Math.floor(heap.length / 2)], heap.at(-1)];
      expect(last - middle).toBeLessThan(64 * 1024 * 1024);
    },
  );
});

describe("any call of the console's API", () => {
  it.each(seeds)(
    "is answered, and never with an error of the server (seed %i)",
    { timeout },
    async (seed) => {
      await world.forget();
      world.environment();
      const property = fc.asyncProperty(fc.noBias(consoleCalls), async (call) => {
        const status = await callConsole(call, world.url);
        if (status >= 500) throw new Error(`${status}: ${JSON.stringify(call).slice(0, 2_000)}`);
      });
      const calls = await forAWhile(property, { seed, ms: limitMs / 3 });
      process.stdout.write(`fuzz: seed ${seed}, ${calls} calls of the console's API\n`);
    },
  );
});

describe("any command line", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fuzz-command-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(seeds)(
    "ends with a documented exit code and a message, and never with a stack (seed %i)",
    { timeout },
    async (seed) => {
      const property = fc.asyncProperty(fc.noBias(commandLines), async (line) => {
        const problem = await problemOf(line, folder);
        if (problem !== null) throw new Error(`${JSON.stringify(line)}: ${problem}`);
      });
      const lines = await forAWhile(property, { seed, ms: limitMs / 3 });
      process.stdout.write(`fuzz: seed ${seed}, ${lines} command lines\n`);
    },
  );
});
