import { check } from "recheck";
import { expect, it } from "vitest";
import { expressions, written } from "./expressions.ts";
import { inputs } from "./inputs.ts";
import { worstCases, worstText } from "./worst-cases.ts";

const cases = worstCases();
const { literals, made } = expressions();

it("the worst case of every regular expression in the source is known", { timeout: 300_000 }, async () => {
  expect(literals.length).toBeGreaterThan(300);
  // New ones are asked for here, which takes a second for each; `npm run redos` remembers them.
  for (const literal of literals.filter((one) => !cases.has(written(one)))) {
    const { status } = await check(literal.pattern, literal.flags, { timeout: 100_000 });
    expect(status, `${written(literal)} in ${literal.files}: run \`npm run redos\``).toBe("safe");
  }
});

it("an expression that takes longer than its text is long says which texts it meets", () => {
  const names = new Set(literals.map(written));
  const slow = [...cases].flatMap(([name, verdict]) =>
    verdict === "safe" || !names.has(name) ? [] : [name],
  );
  expect([...inputs.keys()].toSorted()).toEqual(slow.toSorted());
});

// Others would need an analysis of their own.
it("expressions are made from text only with names of variables, and in the emulators", () => {
  const files = made.map(({ file }) => file).filter((file) => !file.startsWith("src/local/"));
  expect(files).toEqual([
    "src/doctor/checks/environment.ts",
    "src/doctor/checks/environment.ts",
    "src/lib/shared/pasted.ts",
  ]);
});

it.each([...inputs])(
  "%s takes less than a second for the worst text that it meets",
  (name, { longest, attack }) => {
    const verdict = attack ?? cases.get(name);
    if (verdict === undefined || verdict === "safe" || verdict === "unknown")
      throw new Error("no attack is known");
    const literal = literals.find((one) => written(one) === name);
    if (literal === undefined) throw new Error("the source has no such expression");
    const expression = new RegExp(literal.pattern, literal.flags);
    const text = worstText(verdict, longest);
    const before = process.cpuUsage();
    text.replace(expression, "");
    // The time of the processor, so that a busy machine does not count.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
  },
);
