import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Every test file and every command under test is a process of its own; compiled once, code loads in a third of the time.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url));

/** Files that start browsers, `npm start` or builds, and take a minute and more: never two at the start, and none alone at the end. */
const heavy = ["local/demo", "console/page/page", "dev", "console/page/board", "build"];
/** So many other files lie between two of them. */
const between = 12;

class Spread extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isNamed = (name: string) => (file: TestSpecification) =>
      file.moduleId.endsWith(`/test/${name}.test.ts`);
    const others = sorted.filter((file) => !heavy.some((name) => isNamed(name)(file)));
    for (const [at, name] of heavy.entries())
      others.splice(at * (between + 1), 0, ...sorted.filter(isNamed(name)));
    return others;
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
    sequence: { sequencer: Spread },
    maxWorkers: 3,
  },
});
