import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const setup = join(root, "test/support/global-setup.ts");

it.each([
  ["a failing test makes the run fail", "expect(1).toBe(2)", "1 failed", 1],
  ["a passing test lets it pass", "expect(1).toBe(1)", "1 passed", 0],
])("%s, with the setup that all tests have", { timeout: 300_000 }, async (_name, line, said, code) => {
  // Inside the project, so that vitest is found.
  const folder = await mkdtemp(join(root, "node_modules/.runner-"));
  await writeFile(
    join(folder, "one.test.ts"),
    `import { expect, it } from "vitest"; it("one", () => ${line});`,
  );
  await writeFile(
    join(folder, "vitest.config.ts"),
    `export default { test: { include: ["*.test.ts"], globalSetup: [${JSON.stringify(setup)}] } };`,
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
