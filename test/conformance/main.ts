import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { emulator } from "./emulator.ts";
import { compare } from "./expectations.ts";
import { runSuite } from "./suite.ts";

const usage =
  "Usage: npm run conformance -- <checkout of github.com/cloudinary/cloudinary_npm> [--grep TEXT] [--verbose]";

const { path, values } = parse();
const checkout = resolve(path);
await access(join(checkout, "node_modules/mocha")).catch(() => {
  console.error(`${checkout} has no node_modules/mocha. Run npm install there first.`);
  process.exit(2);
});

const cloud = await emulator(checkout);
const run = await runSuite({
  checkout,
  cloudinaryUrl: cloud.url,
  port: cloud.port,
  grep: values.grep,
  onResult: ({ title, failure }) => {
    if (values.verbose) console.log(`${failure === null ? "pass" : "FAIL"} ${title}`);
  },
});
await cloud.close();
const report = compare(run, { isWhole: values.grep === undefined });
console.log(report.text);
process.exitCode = report.isAsExpected ? 0 : 1;

function parse() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        grep: { type: "string" },
        verbose: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const [path, ...rest] = positionals;
    if (path === undefined || rest.length > 0) throw new Error("Give one checkout.");
    return { path, values };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
