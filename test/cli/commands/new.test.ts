import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { runWebhooks } from "../../support/command-line.ts";
import { projectFolder } from "../../support/project-folder.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);

// Before the tests are collected, because the written test is one of them.
const folder = await projectFolder(["src"]);
await mkdir(join(folder.path, "test"));
await mkdir(join(folder.path, "docs"));
await symlink(join(root, "test/support"), join(folder.path, "test/support"));
for (const name of ["biome.json", ".gitignore"]) await symlink(join(root, name), join(folder.path, name));
const made = await runWebhooks(folder.path, ["new", "handler", "press-office", "--json"]);
afterAll(() => folder.remove());

const text = (path: string) => readFile(join(folder.path, path), "utf8");
const create = (name: string, at = folder.path) => runWebhooks(at, ["new", "handler", name]);

it("writes a handler, a test and a page, and adds the handler to the list", async () => {
  const written = [
    "src/handlers/press-office/handler.ts",
    "test/handlers/press-office.test.ts",
    "docs/press-office.md",
  ];
  expect([made.code, made.stderr]).toEqual([0, ""]);
  expect(JSON.parse(made.stdout)).toEqual({
    name: "press-office",
    written,
    changed: ["src/handlers/list.ts"],
  });
  const list = await text("src/handlers/list.ts");
  expect(list).toMatch(/^import \{ pressOfficeHandler \} from "\.\/press-office\/handler\.ts";$/m);
  expect(list).toMatch(/^ {2}\w+Handler,\n {2}pressOfficeHandler,\n\] as const;$/m);
  expect(await text("docs/press-office.md")).toContain("# press-office");
});

it("what it writes is formatted, passes the linter and the compiler, and can be named in a route", async () => {
  const files = [
    "src/handlers/list.ts",
    "src/handlers/press-office/handler.ts",
    "test/handlers/press-office.test.ts",
  ];
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  await run(process.execPath, [biome, "check", "--error-on-warnings", ...files], { cwd: folder.path });
  const settings = join(folder.path, "src/settings.ts");
  const before = await readFile(settings, "utf8");
  const routes = 'routes: {\n    custom: ["press-office"],\n    invite: ["press-ofice"],';
  await writeFile(settings, before.replace("routes: {", routes));
  await writeFile(
    join(folder.path, "tsconfig.new.json"),
    JSON.stringify({
      extends: "./tsconfig.json",
      include: [...files, "src/settings.ts", "src/**/*.d.ts", "test/support/global-setup.ts"],
      exclude: [],
    }),
  );
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.new.json"];
  const compiled = await run(process.execPath, tsc, { cwd: folder.path }).catch(
    (error: { stdout: string }) => error,
  );
  // Only the mistyped name.
  const errors = compiled.stdout.split("\n").filter((line) => /error TS/.test(line));
  expect(errors).toEqual([expect.stringMatching(/^src\/settings\.ts\(.*"press-ofice"/)]);
});

it.each([
  ["Press Office", "Did you mean press-office?"],
  ["pressOffice", "Did you mean press-office?"],
  ["../outside", "Did you mean outside?"],
  ["-", "lower case letters"],
  ["a".repeat(51), "at most 50 characters"],
])("the name %j is rejected", async (name, reason) => {
  const { code, stderr } = await runWebhooks(folder.path, ["new", "handler", "--", name]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
});

it("nothing existing is overwritten", async () => {
  const before = await text("src/handlers/list.ts");
  for (const name of ["press-office", "pim"]) {
    const { code, stderr } = await create(name);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`src/handlers/${name} exists already`)]);
  }
  await writeFile(join(folder.path, "docs/security.md"), "");
  expect((await create("security")).stderr).toContain("docs/security.md exists already");
  expect(await text("src/handlers/list.ts")).toBe(before);
});

it("another folder, and a list that was rewritten, are named, and nothing is written", async () => {
  const elsewhere = await create("elsewhere", join(folder.path, "docs"));
  expect([elsewhere.code, elsewhere.stderr]).toEqual([
    1,
    expect.stringContaining("not the folder of the receiver"),
  ]);
  const list = join(folder.path, "src/handlers/list.ts");
  const before = await readFile(list, "utf8");
  await writeFile(list, "export const handlers: never[] = [];\n");
  expect((await create("rewritten")).stderr).toContain("by hand");
  await writeFile(list, before);
  await expect(text("src/handlers/rewritten/handler.ts")).rejects.toThrow("ENOENT");
});

describe("the written test", async () => {
  await import(join(folder.path, "test/handlers/press-office.test.ts"));
});
