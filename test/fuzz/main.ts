import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { vitestOnce } from "../support/vitest-once.ts";

// `npm run fuzz -- --minutes 10 --seed 7`: the tests of this folder for so long, and all other tests that draw their inputs once, with
// one seed, which is random if absent.

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });
const minutes = Number(values.minutes ?? 5);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (!(minutes > 0) || !Number.isInteger(seed))
  throw new Error("--minutes must be a positive number, and --seed a whole number");

const drawing = globSync("test/**/*.test.ts", { cwd: root }).filter((file) =>
  readFileSync(join(root, file), "utf8").includes("/support/fast-check.ts"),
);
console.log(`seed ${seed}`);
const child = spawn(process.execPath, [...vitestOnce, "test/fuzz", ...drawing], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, FUZZ_MINUTES: String(minutes), FUZZ_SEED: String(seed) },
});
child.once("close", (code) => {
  process.exitCode = code ?? 1;
});
