import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { histories } from "./events.ts";
import { explorer } from "./play.ts";
import { describe, explore } from "./run.ts";

// `npm run explore` plays a thousand.
const count = 50;
const timeout = 400_000;

let here: Awaited<ReturnType<typeof explorer>>;
beforeAll(async () => {
  for (const name of ["log", "warn", "error"] as const)
    vi.spyOn(console, name).mockImplementation(() => undefined);
  here = await explorer();
}, timeout);
afterAll(async () => {
  await here.close();
  vi.restoreAllMocks();
});

it.each([1, 5])(
  "in any history, nothing is lost, done twice, done wrongly or stuck (seed %i)",
  { timeout },
  async (seed) => {
    const explored = await explore(here, { seed, count: count / 2 });
    if (explored.failed !== null) throw new Error(describe(seed, explored.failed));
    expect(explored.histories).toBe(count / 2);
    expect(explored.steps).toBeGreaterThan(count * 30);
  },
);

it("a history is the same each time it is played, to the step", { timeout }, async () => {
  for (const history of fc.sample(histories, { seed: 1, numRuns: 2 })) {
    const first = await here.play(history);
    const second = await here.play(history);
    expect(second.trace).toEqual(first.trace);
    expect(second.hash).toBe(first.hash);
  }
});
