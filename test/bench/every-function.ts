import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { zipFunctions } from "@netlify/zip-it-and-ship-it";
import { alternate, compare, type Figure } from "./figure.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Built {
  entry: string;
  bytes: number;
}

/** Loads a function and prints the bytes of memory that stay in use. */
const loading = `
await import(process.argv[1]);
globalThis.gc();
console.log(process.memoryUsage().heapUsed);
process.exit(0);`;

/**
 * Start-up, size and memory of every function, compared with those of another checkout, which has its own node_modules. Functions that
 * only one of them has are left out.
 */
export async function benchEveryFunction(before: string, rounds = 15): Promise<Figure[]> {
  const output = await realpath(await mkdtemp(join(tmpdir(), "cloudinary-webhooks-bench-")));
  try {
    const ours = await build(root, join(output, "ours"));
    const theirs = await build(resolve(before), join(output, "theirs"));
    const figures: Figure[] = [];
    for (const [name, mine] of ours) {
      const other = theirs.get(name);
      if (other) figures.push(...(await figuresOf(name, mine, other, rounds)));
    }
    return figures;
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

async function build(folder: string, output: string): Promise<Map<string, Built>> {
  const options = { archiveFormat: "none", basePath: folder } as const;
  const built = await zipFunctions(join(folder, "netlify/functions"), output, options);
  return new Map(
    await Promise.all(
      built.map(async ({ name, path, mainFile }) => {
        const entry = join(path, relative(folder, mainFile).replace(/\.ts$/, ".mjs"));
        return [name, { entry, bytes: await bytesIn(path) }] as const;
      }),
    ),
  );
}

async function figuresOf(name: string, mine: Built, other: Built, rounds: number): Promise<Figure[]> {
  const heap: Record<"mine" | "other", number[]> = { mine: [], other: [] };
  const contender =
    (which: "mine" | "other", { entry }: Built) =>
    () => {
      const start = performance.now();
      const args = ["--expose-gc", "--input-type=module", "--eval", loading, entry];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { env: {}, encoding: "utf8" });
      const took = performance.now() - start;
      if (status !== 0) throw new Error(`${entry} does not load: ${stderr}`);
      heap[which].push(Number(stdout) / 1_024);
      return took;
    };
  const contenders = { mine: contender("mine", mine), other: contender("other", other) };
  const times = await alternate(rounds, contenders);
  const against = "the other checkout";
  const aim = { atMost: 1.1 };
  const sizes = { ours: [mine.bytes / 1_024], theirs: [other.bytes / 1_024] };
  return [
    compare({ name: `${name}: start-up`, against, unit: "ms", ours: times.mine, theirs: times.other, aim }),
    compare({ name: `${name}: size`, against, unit: "KB", ...sizes, aim }),
    compare({ name: `${name}: memory`, against, unit: "KB", ours: heap.mine, theirs: heap.other, aim }),
  ];
}

/** Of the files that Netlify uploads for a function, packages included. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
