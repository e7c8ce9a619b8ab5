import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// `npm run stryker -- verify claim`: StrykerJS changes these files of the receiver one place at a time, and runs the tests beside them.
// Without names, all of them, which takes hours. The report is written to node_modules/.cache/stryker-report.json.

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The modules are loaded again for each change; compiled once, they load in a third of the time. */
const compiled = process.env.NODE_COMPILE_CACHE ?? join(root, "node_modules/.cache/node");

/** The files, and the tests that must find what is changed in them. */
const files: ReadonlyMap<string, { file: string; tests: readonly string[] }> = new Map([
  ["verify", { file: "src/lib/receive/verify.ts", tests: ["lib/receive/verify"] }],
  [
    "receive",
    {
      file: "src/lib/receive/receive.ts",
      tests: ["lib/receive/receive", "lib/receive/limits", "lib/entry/hook", "lib/entry/logs"],
    },
  ],
  [
    "record",
    {
      file: "src/lib/receive/record.ts",
      tests: [
        "lib/receive/receive",
        "lib/receive/limits",
        "lib/deliveries/deliver",
        "handlers/forward/forward",
      ],
    },
  ],
  [
    "claim",
    { file: "src/lib/deliveries/claim.ts", tests: ["lib/deliveries/claim", "lib/deliveries/deliver"] },
  ],
  ["settle", { file: "src/lib/deliveries/settle.ts", tests: ["lib/deliveries/deliver", "lib/entry/logs"] }],
  [
    "reserve",
    {
      file: "src/handlers/moderation/reserve-action.ts",
      tests: ["handlers/moderation/handler", "handlers/moderation/late"],
    },
  ],
  [
    "merge",
    {
      file: "src/handlers/pim/merge.ts",
      tests: ["handler", "ties", "trust", "real-catalogues", "signed-url"].map(
        (name) => `handlers/pim/${name}`,
      ),
    },
  ],
]);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !files.has(name));
if (unknown.length > 0)
  throw new Error(`${unknown.join(", ")}: the files are ${[...files.keys()].join(", ")}`);
for (const [name, { file, tests }] of files) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const related = tests.map((test) => `test/${test}.test.ts`).join(" ");
  const { status } = spawnSync(
    process.execPath,
    [
      "node_modules/@stryker-mutator/core/bin/stryker.js",
      "run",
      "test/mutants/stryker.config.json",
      "--mutate",
      file,
    ],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, STRYKER_TESTS: related, NODE_COMPILE_CACHE: compiled },
    },
  );
  if (status !== 0) process.exitCode = 1;
}
