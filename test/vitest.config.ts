import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Every test file and every command under test is a process of its own; compiled once, code loads in a third of the time.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url));

/** Files that take a minute and more start first, so that none of them runs alone at the end; two that start npm start do not start together. */
const longest = [
  "local/demo",
  "handlers/pim/convergence",
  "lib/deliveries/deliver",
  "dev",
  "console/page/board",
  "console/page/page",
  "build",
  "local/exposure",
].map((name) => `/test/${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((path) => moduleId.endsWith(path));
      return found === -1 ? longest.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

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
    sequence: { sequencer: LongestFirst },
    maxWorkers: 3,
  },
});
