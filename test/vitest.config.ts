import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Every test file and every command under test is a process of its own; compiled once, code loads in a third of the time.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url));

// For two cores. About a third of the time is spent waiting (for browsers, deadlines, other processes), so three files run side by
// side; embedded databases take memory, so not more.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    silent: "passed-only", // What a passing test logs is noise.
    pool: "forks",
    maxWorkers: 3,
  },
});
