import { cp, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pageSources, recordPage } from "../../src/local/stack/page-record.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Never links: `netlify dev` writes a package.json of its own into what it builds, and writes through a link to ours. */
const files = ["package.json", "netlify.toml", "tsconfig.json"];

/**
 * A folder that `npm start` takes for the project, with data of its own: two stacks in one folder would share a database.
 * `copied` names the folders that the test changes; the others are links.
 */
export async function projectFolder(copied: readonly string[] = []) {
  const path = await realpath(await mkdtemp(join(tmpdir(), "cloudinary-webhooks-project-")));
  for (const name of ["netlify", "src", "node_modules"].filter((one) => !copied.includes(one)))
    await symlink(join(root, name), join(path, name));
  for (const name of [...copied, ...files]) await cp(join(root, name), join(path, name), { recursive: true });
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Puts a page that the run has built into a folder that copies `src`, as an earlier start there would have left it. */
export async function withPage(folder: string, page: string): Promise<void> {
  await cp(page, join(folder, "dist"), { recursive: true });
  recordPage(folder, pageSources(folder, {})); // `start` passes on no variable that counts.
}
