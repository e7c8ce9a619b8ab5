import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { emulator } from "./emulator.ts";
import { compare } from "./expectations.ts";
import { runSuite } from "./suite.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { grep: { type: "string" }, verbose: { type: "boolean", default: false } },
});
const [path] = positionals;
if (path === undefined) {
  console.error(
    "Usage: npm run conformance -- <checkout of github.com/cloudinary/cloudinary_npm> [--grep TEXT] [--verbose]",
  );
  process.exit(2);
}
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
