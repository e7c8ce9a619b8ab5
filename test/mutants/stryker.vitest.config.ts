import { defineConfig } from "vitest/config";

// For StrykerJS: only the tests that belong to the file that it changes (stryker.ts), in one process.
export default defineConfig({
  test: {
    include: process.env.STRYKER_TESTS?.split(" ") ?? [],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    silent: true,
    maxWorkers: 1,
  },
});
