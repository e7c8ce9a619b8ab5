import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";

/** How one test of the suite ended, after mocha's own retries. */
export interface TestResult {
  title: string;
  /** Null: it passed. */
  failure: string | null;
}

export interface SuiteRun {
  /** How many tests mocha counted, those that were skipped included. */
  total: number;
  results: TestResult[];
}

const event = z.tuple([
  z.string(),
  z.object({ total: z.number(), fullTitle: z.string(), err: z.string().nullable() }).partial(),
]);

/** Runs `test/integration/api` of a checkout of the Node SDK against the emulator on this port. */
export async function runSuite(options: {
  checkout: string;
  cloudinaryUrl: string;
  port: number;
  /** Only tests whose title holds this text. */
  grep?: string | undefined;
  onResult: (result: TestResult) => void;
}): Promise<SuiteRun> {
  const mocha = spawn(
    process.execPath,
    [
      "node_modules/mocha/bin/mocha",
      "--exit",
      `--require=${join(import.meta.dirname, "redirect.cjs")}`,
      "--reporter=json-stream",
      "--file=test/setup.js",
      ...(options.grep === undefined ? [] : [`--fgrep=${options.grep}`]),
      "test/integration/api/**/*spec.js",
    ],
    {
      cwd: options.checkout,
      env: {
        ...process.env,
        CLOUDINARY_URL: options.cloudinaryUrl,
        CLD_TEST_FEATURES: "all",
        CONFORMANCE_PORT: String(options.port),
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const run: SuiteRun = { total: 0, results: [] };
  for await (const line of createInterface({ input: mocha.stdout })) {
    // What the tests print themselves comes between the reporter's lines, or before one without a line break.
    const at = line.search(/\["(start|pass|fail|end)",\{/);
    if (at === -1) continue;
    const [name, body] = event.parse(JSON.parse(line.slice(at)));
    if (name === "start") run.total = body.total ?? 0;
    if (name !== "pass" && name !== "fail") continue;
    const result = { title: body.fullTitle ?? "", failure: name === "fail" ? (body.err ?? "failed") : null };
    run.results.push(result);
    options.onResult(result);
  }
  return run;
}
