import { parseArgs } from "node:util";
import { explorer } from "./play.ts";
import { describe, explore } from "./run.ts";

// `npm run explore -- --seed 7 --histories 1000`: plays histories that a seeded scheduler interleaves, and checks each (docs/proof.md).
// `--path` plays the one again that a failure named. `--minutes` limits the time. Exits with 1 if an invariant was violated.

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    histories: { type: "string" },
    minutes: { type: "string" },
    path: { type: "string" },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const count = Number(values.histories ?? 1_000);
const minutes = Number(values.minutes ?? 10);
if (!Number.isInteger(seed) || !(count > 0) || !(minutes > 0))
  throw new Error("--seed must be a whole number, --histories and --minutes positive numbers");

// The receiver's log would hide the result.
const print = console.log.bind(console);
for (const name of ["log", "warn", "error"] as const) console[name] = () => {};
// Before the clock is replaced.
const monotonic = process.hrtime.bigint;
const startedAt = monotonic();
const elapsedSeconds = () => Number((monotonic() - startedAt) / 1_000_000_000n);

const here = await explorer();
const explored = await explore(here, {
  seed,
  count,
  hasTime: () => elapsedSeconds() < minutes * 60,
  ...(values.path !== undefined && { path: values.path }),
});
await here.close();
print(
  `seed ${seed}: ${explored.histories} histories, ${explored.steps} steps in ${elapsedSeconds()} s; ${explored.ends.join(", ")}`,
);
if (explored.failed !== null) {
  print(describe(seed, explored.failed));
  process.exitCode = 1;
}
