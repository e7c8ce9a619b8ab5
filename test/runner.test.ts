import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const setup = join(root, "test/support/global-setup.ts");
const reporter = join(root, "test/support/second-tries.ts");

const unlucky = (count: number) =>
  `for (let i = 0; i < ${count}; i += 1) { let tries = 0; it("unlucky", () => expect(++tries).toBe(2)); }`;

it.each([
  ["a failing test makes the run fail", 'it("one", () => expect(1).toBe(2));', "1 failed", 1],
  ["a passing test lets it pass", 'it("one", () => expect(1).toBe(1));', "1 passed", 0],
  [
    "a test that passes at its second try is listed",
    unlucky(1),
    "one.test.ts > unlucky\n   expected 1 to be 2",
    0,
  ],
  ["more than four such tests make the run fail", unlucky(5), "Passed only at the second try", 1],
])("%s, with the setup that all tests have", { timeout: 300_000 }, async (_name, lines, said, code) => {
  // Inside the project, so that vitest is found.
  const folder = await mkdtemp(join(root, "node_modules/.runner-"));
  await writeFile(join(folder, "one.test.ts"), `import { expect, it } from "vitest"; ${lines}`);
  await writeFile(
    join(folder, "vitest.config.ts"),
    `import { SecondTries } from ${JSON.stringify(reporter)};
     export default { test: {
       include: ["*.test.ts"], globalSetup: [${JSON.stringify(setup)}], retry: 1, reporters: ["default", new SecondTries()],
     } };`,
  );
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_OPTIONS$/.test(name));
  const { status, stdout } = spawnSync(
    process.execPath,
    [vitest, "run", "--config", join(folder, "vitest.config.ts"), "--root", folder],
    { encoding: "utf8", env: { ...Object.fromEntries(inherited), NO_COLOR: "1" } },
  );
  await rm(folder, { recursive: true, force: true });
  expect(stdout).toContain(said);
  expect(status).toBe(code);
});
