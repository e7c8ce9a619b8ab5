import { expectedFailures } from "./expected-failures.ts";
import type { SuiteRun } from "./suite.ts";

/** Holds a run against the list of expected failures: anything else that fails, and anything listed that passes, is told. */
export function compare(
  run: SuiteRun,
  { isWhole }: { isWhole: boolean },
): { text: string; isAsExpected: boolean } {
  const failed = run.results.filter((one) => one.failure !== null);
  const lines: string[] = [];
  const reasons = new Map<string, number>();
  const used = new Set<string>();
  let unexpected = 0;
  for (const { title, failure } of failed) {
    const expected = expectedFailures.find((one) => title.includes(one.test));
    if (expected === undefined) {
      unexpected += 1;
      lines.push(`FAILED      ${title}\n            ${failure?.split("\n")[0]}`);
      continue;
    }
    used.add(expected.test);
    reasons.set(expected.because, (reasons.get(expected.because) ?? 0) + 1);
    lines.push(`${expected.because.padEnd(11)} ${title}\n            ${expected.why}`);
  }
  const passes = isWhole ? expectedFailures.filter((one) => !used.has(one.test) && one.always !== false) : [];
  for (const one of passes)
    lines.push(`PASSES NOW  ${one.test}\n            take it off the list of expected failures`);
  const passed = run.results.length - failed.length;
  const inside = passed + unexpected;
  const counts = [...reasons].map(([because, count]) => `${count} ${because}`).join(", ");
  lines.push(
    "",
    `${run.total} tests: ${passed} passed, ${unexpected} failed unexpectedly; expected failures: ${counts || "none"}; ` +
      `${run.total - run.results.length} skipped or not reached.`,
    `Inside what is emulated: ${passed} of ${inside} (${((100 * passed) / Math.max(1, inside)).toFixed(1)} %).`,
  );
  return { text: lines.join("\n"), isAsExpected: unexpected === 0 && passes.length === 0 };
}
