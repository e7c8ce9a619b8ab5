import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vitestOnce } from "../support/vitest-once.ts";
import { type Mutant, mutants } from "./list.ts";

// `npm run mutants`: plants each bug of list.ts in a copy of the project, runs the tests that must find it, and prints the survivors.
// Arguments are parts of names: only these are planted.

const root = fileURLToPath(new URL("../..", import.meta.url));
const maxMs = 240_000;

async function copyOfProject() {
  const folder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-mutants-"));
  for (const name of ["package.json", "netlify.toml", "tsconfig.json", "netlify", "src", "test"])
    await cp(join(root, name), join(folder, name), { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The test that fails with the bug; null: none does. */
async function foundBy(
  folder: string,
  { file, search, replacement, tests, title }: Mutant,
): Promise<string | null> {
  const path = join(folder, file);
  const sound = await readFile(path, "utf8");
  if (sound.split(search).length !== 2)
    throw new Error(`${file} does not contain the text of the mutant once: ${search}`);
  await writeFile(
    path,
    sound.replace(search, () => replacement),
  );
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...vitestOnce, ...["--bail", "1"], ...(title === undefined ? [] : ["-t", title]), ...tests],
    { cwd: folder, timeout: maxMs, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );
  await writeFile(path, sound);
  if (!/Tests .*(passed|failed)/.test(stdout) && status !== null)
    throw new Error(`no test of ${tests.join(", ")} was run:\n${stdout}${stderr}`);
  if (status === 0) return null;
  if (status === null) return "the time limit";
  return /^ *FAIL +(.+)$/m.exec(stdout + stderr)?.[1] ?? "an error outside of the tests";
}

const wanted = process.argv.slice(2);
const planted = mutants.filter(
  ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
const { folder, remove } = await copyOfProject();
const survivors: string[] = [];
try {
  for (const mutant of planted) {
    const test = await foundBy(folder, mutant);
    console.log(
      `${test === null ? "SURVIVED" : "found"}  ${mutant.name}${test === null ? "" : `\n       by ${test}`}`,
    );
    if (test === null) survivors.push(mutant.name);
  }
} finally {
  await remove();
}
console.log(`\n${planted.length - survivors.length} of ${planted.length} found`);
if (survivors.length > 0) process.exitCode = 1;
