import { fileURLToPath } from "node:url";

/** Arguments of Node that run the tests of the folder it is started in, without second tries. Files and options follow. */
export const vitestOnce: readonly string[] = [
  fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url)),
  ...["run", "--config", "test/vitest.config.ts", "--root", ".", "--retry", "0"],
];
