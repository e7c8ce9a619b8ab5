import type { Reporter, TestCase, TestModule } from "vitest/node";

/** One test in a thousand: more of them are no accident. */
const accepted = 4;

/**
 * Lists the tests that passed only at their second try, with what failed first: the test depends on how fast the machine is, or the
 * product does. More than four make the run fail.
 */
export class SecondTries implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) =>
      [...module.children.allTests("passed")].filter((test) => test.diagnostic()?.flaky),
    );
    if (tests.length === 0) return;
    console.log(`\nPassed only at the second try (at most ${accepted} in a run):\n`);
    for (const test of tests) console.log(describe(test));
    if (tests.length > accepted) process.exitCode = 1;
  }
}

function describe(test: TestCase): string {
  const [first] = test.result().errors ?? [];
  return ` ${test.module.relativeModuleId} > ${test.fullName}\n   ${first?.message.split("\n", 1)[0] ?? ""}`;
}
