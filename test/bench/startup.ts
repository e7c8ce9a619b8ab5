import { spawnSync } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { zipFunction } from "@netlify/zip-it-and-ship-it";
import { alternate, type Comparison, compare, type Figure } from "./figure.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const hooks = ["upload", "eager", "moderation", "delete", "notification"] as const;

/** A fresh process that loads one function as Netlify ships it, from spawn to exit; Node's own start is in all of them. */
export async function benchStartup(rounds = 40): Promise<Figure[]> {
  const output = await realpath(await mkdtemp(join(tmpdir(), "cloudinary-webhooks-bench-")));
  try {
    const empty = await loaderOf("test/bench/functions/empty.ts", output);
    const deck = await loaderOf("test/bench/functions/training-deck.ts", output);
    const figures: Figure[] = [];
    const loaders = await Promise.all(
      hooks.map(async (name) => [name, await loaderOf(`netlify/functions/${name}.ts`, output)] as const),
    );
    const times = await alternate(rounds, { empty, deck, ...Object.fromEntries(loaders) }, 2);
    for (const name of hooks) figures.push(...figuresOf(name, times));
    return figures;
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

function figuresOf(name: string, times: Record<string, number[]>): Figure[] {
  const described = { name: `start-up ${name}`, unit: "ms", ours: times[name] ?? [] } as const;
  const held: Pick<Comparison, "against" | "theirs" | "aim">[] = [
    { against: "empty function", theirs: times.empty ?? [], aim: { atMost: 1.6 } },
    { against: "cloudinary + @sendgrid/mail", theirs: times.deck ?? [], aim: { atMost: 1 } },
  ];
  return held.map((against) => compare({ ...described, ...against }));
}

/** Builds the function with Netlify's own bundler; the returned contender loads it. */
async function loaderOf(source: string, output: string): Promise<() => number> {
  const built = await zipFunction(join(root, source), output, { archiveFormat: "none", basePath: root });
  if (!built) throw new Error(`Netlify's bundler made nothing of ${source}`);
  const entry = join(built.path, relative(root, built.mainFile).replace(/\.ts$/, ".mjs"));
  return () => {
    const start = performance.now();
    // An empty environment: a NODE_OPTIONS or a compile cache of the shell's would be measured too.
    const { status, stderr } = spawnSync(process.execPath, [entry], { env: {}, encoding: "utf8" });
    const took = performance.now() - start;
    if (status !== 0) throw new Error(`${source} does not load: ${stderr}`);
    return took;
  };
}
