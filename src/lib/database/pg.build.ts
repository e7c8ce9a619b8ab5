/**
 * Bundles `pg` into one file. Netlify ships npm packages unbundled, file by file, which makes `pg` the
 * largest part of a hook's start-up time; the bundle takes about half of it (npm run bench).
 * `npm run generate` writes the file; test/lib/database/pg.test.ts fails if it is out of date.
 */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const target = fileURLToPath(new URL("./pg.generated.js", import.meta.url));

export async function bundlePg(): Promise<string> {
  const license = readFileSync(new URL("../../../node_modules/pg/LICENSE", import.meta.url), "utf8").trim();
  const { outputFiles } = await build({
    stdin: {
      contents: 'import pg from "pg/lib/index.js"; export const { Pool, Client } = pg; export default pg;',
      resolveDir: fileURLToPath(new URL("../../..", import.meta.url)),
    },
    bundle: true,
    write: false,
    platform: "node",
    target: "node22",
    format: "esm",
    minify: true,
    legalComments: "none",
    // Optional parts that are not installed: a native client and Cloudflare's sockets.
    external: ["pg-native", "pg-cloudflare"],
    banner: {
      js: `// Generated from pg by src/lib/database/pg.build.ts: do not edit. pg's licence:\n/*\n${license}\n*/\nimport { createRequire as pgRequire } from "node:module";\nconst require = pgRequire(import.meta.url);`,
    },
  });
  return outputFiles[0]?.text ?? "";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(target, await bundlePg());
