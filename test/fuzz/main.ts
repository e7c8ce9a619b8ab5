import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

// `npm run fuzz -- --minutes 10 --seed 7`: the tests of this folder, for longer and with one seed, which is printed and random if absent.

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });
const minutes = Number(values.minutes ?? 5);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (!(minutes > 0) || !Number.isInteger(seed))
  throw new Error("--minutes must be a positive number, and --seed a whole number");

const child = spawn(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--config", "test/vitest.config.ts", "--root", ".", "test/fuzz"],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, FUZZ_MINUTES: String(minutes), FUZZ_SEED: String(seed) },
  },
);
child.once("close", (code) => {
  process.exitCode = code ?? 1;
});
