import { defineConfig } from "vitest/config";

// Two cores, and embedded databases that take memory: few files run side by side.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    silent: "passed-only", // What a passing test logs is noise.
    pool: "forks",
    maxWorkers: 2,
  },
});
