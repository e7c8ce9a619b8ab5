import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Most test files and every command under test are processes of their own; compiled once, code loads in a third of the time.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url));

/** Files that start browsers, `npm start` or builds, and take a minute and more: never two at the start, and none alone at the end. */
const heavy = ["local/demo", "dev", "console/page/page", "build", "console/page/board"];
/** So many other files lie between two of them. */
const between = 11;

class Spread extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isNamed = (name: string) => (file: TestSpecification) =>
      file.moduleId.endsWith(`/test/${name}.test.ts`);
    const own = sorted.filter(
      (file) => file.project.config.isolate && !heavy.some((name) => isNamed(name)(file)),
    );
    for (const [at, name] of heavy.entries())
      own.splice(at * (between + 1), 0, ...sorted.filter(isNamed(name)));
    // A process is handed on only to the next file in the row, so those that share one come together. Short, they end the run evenly.
    return [...own, ...sorted.filter((file) => !file.project.config.isolate)];
  }
}

/**
 * Files that share a process, which saves more than a second of a core for each. What a file changes is undone after it
 * (after-file.ts); what the product keeps for each instance is not.
 */
const shared = [
  "test/{acceptance,audit,config,config-variables,docs,migrations,structure}.test.ts",
  "test/console/{addresses,server/**/*,shared/*}.test.ts",
  "test/handlers/**/*.test.ts",
  "test/lib/**/*.test.ts",
  "test/local/{boundary,sendgrid-spec,server}.test.ts",
  "test/local/stack/{clock,cron,environment,migrate}.test.ts",
];

/**
 * Among them, files that need an instance that has done nothing before (only its first rejected request is counted at once), that take
 * much memory, or that call an emulator by Cloudinary's SDK: it chooses between http and https, and reads its account, once for each
 * process.
 */
const fresh = [
  "test/console/server/{metrics,moderation,pim-acts,upload-widget}.test.ts",
  "test/handlers/contract.test.ts",
  "test/handlers/email/{burst,local-stack,rendered}.test.ts",
  "test/handlers/{faces,moderation}/*.test.ts",
  "test/handlers/pim/convergence.test.ts",
  "test/lib/{cloudinary,database,drift,entry,erasure,reconcile}/**/*.test.ts",
  "test/lib/deliveries/{deliver,nudge,presence}.test.ts",
  "test/lib/polling/drain-channel.test.ts",
  "test/lib/receive/{limits,receive,refusals}.test.ts",
];

const root = fileURLToPath(new URL("..", import.meta.url));
const sharing = globSync(shared, { cwd: root, exclude: fresh });

const common = {
  testTimeout: 30_000,
  hookTimeout: 60_000,
  pool: "forks",
} as const;

// For two cores. About a third of the time is spent waiting (for browsers, deadlines, other processes), so three files run side by
// side; embedded databases take memory, so not more.
export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    silent: "passed-only", // What a passing test logs is noise.
    sequence: { sequencer: Spread },
    maxWorkers: 3,
    projects: [
      {
        test: {
          ...common,
          name: "own process",
          include: ["test/**/*.test.ts"],
          exclude: sharing,
        },
      },
      {
        test: {
          ...common,
          name: "shared process",
          isolate: false,
          include: sharing,
          setupFiles: ["test/support/after-file.ts"],
        },
      },
    ],
  },
});
