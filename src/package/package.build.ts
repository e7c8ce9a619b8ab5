/**
 * Builds the package that other projects import (docs/import.md) into build/package: `npm run build:package`, then
 * `npm pack ./build/package`. It has a package.json of its own, because the receiver's lists what a receiver needs.
 */

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import receiver from "../../package.json" with { type: "json" };

const root = fileURLToPath(new URL("../..", import.meta.url));
const compiled = join(root, "build/compiled");
const target = join(root, "build/package");
const entries = ["verify", "notifications", "handler", "hono", "express"];

rmSync(compiled, { recursive: true, force: true });
rmSync(target, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "src/package")],
  { stdio: "inherit" },
);

// The compiler also writes what is used only for its types, such as the client of Cloudinary. Of that, the types are enough.
for (const kind of [".js", ".d.ts"]) {
  const kept = new Set<string>();
  const open = entries.map((entry) => join(compiled, `package/${entry}${kind}`));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (kept.has(path)) continue;
    kept.add(path);
    // In declarations, the compiler leaves the extensions of the sources.
    const text = readFileSync(path, "utf8").replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1");
    const copy = join(target, relative(compiled, path));
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, text);
    for (const [, , name = ""] of text.matchAll(/(?:from|import)\s*\(?\s*(["'])(\.{1,2}\/[^"']+)\.js\1/g)) {
      const next = join(dirname(path), `${name}${kind}`);
      if (!existsSync(next))
        throw new Error(`${relative(compiled, path)} imports ${name}, which was not compiled`);
      open.push(next);
    }
  }
}

const manifest = {
  name: receiver.name,
  version: receiver.version,
  // Not in a public registry: install the packed file, or remove this line to publish it in your own.
  private: true,
  description: "Verifies and parses Cloudinary notifications, and defines handlers for the receiver.",
  license: receiver.license,
  type: "module",
  sideEffects: false,
  engines: { node: ">=20.12" },
  exports: Object.fromEntries(
    entries.map((entry) => [
      `./${entry}`,
      { types: `./package/${entry}.d.ts`, default: `./package/${entry}.js` },
    ]),
  ),
  files: ["package", "lib", "*.d.ts"],
  dependencies: { zod: `^${receiver.dependencies.zod}` },
  peerDependencies: { hono: "^4" },
  peerDependenciesMeta: { hono: { optional: true } },
};
writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
copyFileSync(join(root, "LICENSE"), join(target, "LICENSE"));
rmSync(compiled, { recursive: true });
