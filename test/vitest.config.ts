import { globSync } from "node:fs";
import { totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { SecondTries } from "./support/second-tries.ts";

// Most test files and every command under test are processes of their own; compiled once, code loads in a third of the time.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url));

/** Files that start browsers, `npm start` or builds, and take a minute and more: never two at the start, and none alone at the end. */
const heavy = ["console/page/page", "dev", "local/demo", "build", "console/page/board"];
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
  "test/local/{admin,akeneo,boundary,changes,delivery,emulated,generated,metadata,moderation,notifications,people}.test.ts",
  "test/local/{refusals,rekognition,search,sendgrid,sendgrid-spec,server,upload}.test.ts",
  "test/local/stack/{clock,cron,environment,migrate,page-record}.test.ts",
];

/**
 * Among them, files that need an instance that has done nothing before (only its first rejected request is counted at once), that take
 * much memory, or that call Cloudinary's SDK themselves with the account that it read when it was loaded.
 */
const fresh = [
  "test/console/server/{metrics,moderation}.test.ts",
  "test/handlers/email/{burst,local-stack}.test.ts",
  "test/handlers/moderation/embedded.test.ts",
  "test/handlers/pim/convergence.test.ts",
  "test/lib/{database,entry}/**/*.test.ts",
  "test/lib/cloudinary/rest.test.ts",
  "test/lib/deliveries/presence.test.ts",
  "test/lib/polling/drain-channel.test.ts",
  "test/lib/receive/{limits,receive,refusals}.test.ts",
];

const root = fileURLToPath(new URL("..", import.meta.url));
const sharing = globSync(shared, { cwd: root, exclude: fresh });

/** On a machine that does much else, a second's work can take twenty: only what never happens waits for so long. */
const common = {
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 15_000 } },
  retry: 1, // Four thousand tests, most of them with real servers: one that was unlucky is listed at the end (second-tries.ts).
  pool: "forks",
} as const;

/**
 * For two cores. About a third of the time is spent waiting (for browsers, deadlines, other processes), so four files run side by
 * side, which take up to 6 GB.
 */
const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
const maxWorkers = memory < 6.5 * 1_024 ** 3 ? 3 : 4;

export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    reporters: ["default", new SecondTries()],
    silent: "passed-only", // What a passing test logs is noise.
    sequence: { sequencer: Spread },
    maxWorkers,
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
