import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { zipFunctions } from "@netlify/zip-it-and-ship-it";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Functions as Netlify deploys them: by name, the folder with the entry file. */
export type Build = ReadonlyMap<string, string>;

/** Of the long runs, so that they share a build. The other hooks share their code with `notification`. */
export const chaosFunctions = ["notification", "deliver-background", "sweep", "reconcile"];

// The settings come from the environment, so that one build serves for several of them.
const settingsFile = `export const settings = JSON.parse(process.env.CHAOS_SETTINGS ?? "");\n`;

/** Inside the project, so that packages are found; not part of it (.gitignore). */
const buildsFolder = join(root, ".netlify", "chaos");

/** Builds these functions of the working tree with Netlify's bundler; unchanged ones are built once. */
export async function currentBuild(names: readonly string[]): Promise<Build> {
  const hash = createHash("sha256").update(names.join());
  for (const file of await filesOf([join(root, "src"), join(root, "netlify")]))
    hash.update(relative(root, file)).update(await readFile(file));
  hash.update(await readFile(join(root, "package-lock.json")));
  return await builtOnce(`current-${hash.digest("hex").slice(0, 16)}`, names, async (source) => {
    await cp(join(root, "src"), join(source, "src"), { recursive: true });
    await cp(join(root, "netlify"), join(source, "netlify"), { recursive: true });
  });
}

/**
 * The version before the newest migration, as it still runs for a while after the database was migrated for its successor. Null
 * without the history, as in an archive of the project or a shallow clone, or if it cannot be built with today's packages.
 */
export async function previousBuild(
  names: readonly string[],
): Promise<{ build: Build; commit: string } | null> {
  try {
    const newest = git("log", "-1", "--format=%H", "--diff-filter=A", "--", "netlify/database/migrations");
    const commit = git("rev-parse", "--short", `${newest}^`);
    const build = await builtOnce(`previous-${commit}-${names.length}`, names, async (source) => {
      const archive = execFileSync("git", ["archive", commit, "src", "netlify"], {
        cwd: root,
        maxBuffer: 256 * 1024 * 1024,
        stdio: ["ignore", "pipe", "ignore"],
      });
      execFileSync("tar", ["-x", "-C", source], { input: archive });
    });
    return { build, commit };
  } catch {
    return null;
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

async function filesOf(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    }),
  );
  return found.flat().sort();
}

/** Keeps builds for a while, so that repeated runs start at once. */
async function builtOnce(
  label: string,
  names: readonly string[],
  copyInto: (source: string) => Promise<void>,
): Promise<Build> {
  const kept = join(buildsFolder, label);
  const output = join(kept, "built");
  if (!existsSync(kept)) {
    await forget(label.split("-", 1)[0] ?? "");
    const source = join(buildsFolder, `making-${process.pid}`);
    await rm(source, { recursive: true, force: true });
    await mkdir(source, { recursive: true });
    await copyInto(source);
    await build(source, names);
    await rename(source, kept).catch(async (error: unknown) => {
      // Another run has built the same meanwhile.
      if (!existsSync(kept)) throw error;
      await rm(source, { recursive: true });
    });
  }
  return new Map(names.map((name) => [name, join(output, name)]));
}

/** Another run may still use a newer one. */
const keepMs = 3 * 3_600_000;

async function forget(kind: string): Promise<void> {
  if (!existsSync(buildsFolder)) return;
  for (const name of await readdir(buildsFolder)) {
    const { mtimeMs } = await stat(join(buildsFolder, name));
    if (name.startsWith(`${kind}-`) && Date.now() - mtimeMs > keepMs)
      await rm(join(buildsFolder, name), { recursive: true, force: true });
  }
}

async function build(source: string, names: readonly string[]): Promise<void> {
  await writeFile(join(source, "src/settings.ts"), settingsFile);
  const all = join(source, "netlify/functions");
  const chosen = join(source, "netlify/chosen");
  await mkdir(chosen);
  for (const name of names) await cp(join(all, `${name}.ts`), join(chosen, `${name}.ts`));
  await zipFunctions(chosen, join(source, "built"), { archiveFormat: "none", basePath: root });
}
