import { createHash, type Hash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readIfThere } from "../../cli/read-if-there.ts";
import { localFolder } from "../../cli/stack-files.ts";

/** All that the page is made from. The two lists of packages are npm's, of those that are wanted and of those that are installed. */
const sourceFolder = "src";
const sourceFiles = [
  "package.json",
  "package-lock.json",
  "node_modules/.package-lock.json",
  "tsconfig.json",
] as const;
const page = "dist";

const recordPath = (folder: string): string => join(localFolder(folder), "page.sha256");

/** A fingerprint of all that the page is made from, as it is now. */
export function pageSources(folder: string, env: NodeJS.ProcessEnv = process.env): string {
  const hash = createHash("sha256");
  for (const name of sourceFiles) add(hash, name, readIfThere(join(folder, name)));
  for (const [name, value] of Object.entries(env).sort())
    if (/^(NODE_ENV|VITE_.*)$/.test(name)) add(hash, name, value ?? "");
  addFolder(hash, folder, sourceFolder);
  return hash.digest("hex");
}

/** Whether `dist/` is, byte for byte, what was built last, and was built from these sources. */
export function isPageCurrent(folder: string, sources: string): boolean {
  return readIfThere(recordPath(folder)) === record(folder, sources);
}

/** Records that `dist/` was built from these sources, whose fingerprint is older than the build. */
export function recordPage(folder: string, sources: string): void {
  mkdirSync(localFolder(folder), { recursive: true });
  writeFileSync(recordPath(folder), record(folder, sources));
}

export function forgetPage(folder: string): void {
  rmSync(recordPath(folder), { force: true });
}

function record(folder: string, sources: string): string {
  const hash = createHash("sha256");
  addFolder(hash, folder, page);
  return `${sources} ${hash.digest("hex")}\n`;
}

function addFolder(hash: Hash, folder: string, name: string): void {
  for (const entry of entriesOf(join(folder, name))) {
    const path = `${name}/${entry.name}`;
    if (entry.isDirectory()) addFolder(hash, folder, path);
    else if (entry.isFile()) add(hash, path, readFileSync(join(folder, path)));
  }
}

/** In one order on all machines. Empty if there is no such folder. */
function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** With its length, so that no two lists of files are the same bytes. */
function add(hash: Hash, name: string, content: string | Buffer): void {
  hash.update(`${name}\0${Buffer.byteLength(content)}\0`).update(content);
}
