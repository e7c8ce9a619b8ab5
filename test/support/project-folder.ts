import { cp, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A folder that `npm start` takes for the project, with data of its own: two stacks in one folder would share a database.
 * `copied` names what the test changes; everything else is a link.
 */
export async function projectFolder(copied: readonly string[] = []) {
  const path = await realpath(await mkdtemp(join(tmpdir(), "cloudinary-webhooks-project-")));
  for (const name of ["netlify", "src", "node_modules", "package.json"].filter(
    (one) => !copied.includes(one),
  ))
    await symlink(join(root, name), join(path, name));
  for (const name of [...copied, "netlify.toml"])
    await cp(join(root, name), join(path, name), { recursive: true });
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
