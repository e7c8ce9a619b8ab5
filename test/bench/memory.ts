import { execFile } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { zipFunction } from "@netlify/zip-it-and-ship-it";
import { uploadBody } from "../support/bodies.ts";
import { devStack, interrupt, post, residentKb, settled } from "../support/dev-stack.ts";
import { freePort } from "../support/free-port.ts";
import { projectFolder } from "../support/project-folder.ts";
import { testSecret } from "../support/signed-request.ts";
import { site } from "../support/site.ts";
import type { Figure } from "./figure.ts";
import { benchServer } from "./server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const few = 1_000;
const many = 10_000;
/** With `--scale`. */
const manyAtScale = 100_000;

/** What an instance of a hook, and `npm start`, hold in memory after many calls, compared with after few. */
export async function benchMemory(atScale: boolean): Promise<Figure[]> {
  return [...(await ofInstance(atScale ? manyAtScale : many)), await ofStart()];
}

interface Held {
  called: number;
  heapKb: number;
  rssKb: number;
}

async function ofInstance(count: number): Promise<Figure[]> {
  const output = await realpath(await mkdtemp(join(tmpdir(), "cloudinary-webhooks-bench-")));
  // What the disk takes is not measured here.
  const server = await benchServer(["synchronous_commit=off", "fsync=off"]);
  const worker = await site(202);
  try {
    const built = await zipFunction(join(root, "netlify/functions/notification.ts"), output, {
      archiveFormat: "none",
      basePath: root,
    });
    if (!built) throw new Error("Netlify's bundler made nothing of the hook");
    const entry = join(built.path, relative(root, built.mainFile).replace(/\.ts$/, ".mjs"));
    // V8 lets the young generation grow by tens of megabytes while there is much garbage, whatever a program holds.
    const flags = ["--expose-gc", "--min-semi-space-size=1", "--max-semi-space-size=1"];
    const args = [...flags, join(root, "test/bench/functions/instance.ts"), entry, worker.origin];
    const { stdout } = await promisify(execFile)(process.execPath, [...args, String(few), String(count)], {
      env: {
        DATABASE_URL: server.url,
        CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo`,
        // One pool of the C library's for all threads: with one for each, the compiler's threads take 15 MB at some time or other.
        MALLOC_ARENA_MAX: "1",
      },
    });
    const [theirs, ours] = stdout
      .trim()
      .split("\n")
      .map((line): Held => JSON.parse(line));
    if (!theirs || !ours || ours.called !== count) throw new Error(`the instance printed: ${stdout}`);
    const described = { after: count, before: few, atMost: 1.1 };
    return [
      figureOf("memory of an instance: heap", { ...described, ours: ours.heapKb, theirs: theirs.heapKb }),
      figureOf("memory of an instance: resident", { ...described, ours: ours.rssKb, theirs: theirs.rssKb }),
    ];
  } finally {
    await worker.close();
    await server.stop();
    await rm(output, { recursive: true, force: true });
  }
}

const callsOfStart = { few: 10, many: 1_000 };

/** All processes of `npm start`, with its embedded database, once the notifications are delivered. */
async function ofStart(): Promise<Figure> {
  const folder = await projectFolder(["src", "netlify"]);
  const stack = await devStack(folder.path, { port: await freePort(), localPort: await freePort() });
  try {
    let called = 0;
    const heldAfter = async (count: number): Promise<number> => {
      while (called < count) {
        const group = Array.from({ length: Math.min(10, count - called) }, () =>
          post(stack, "/webhooks", JSON.stringify(uploadBody())),
        );
        called += group.length;
        const ids = await Promise.all(group);
        if (called === count) for (const { id } of ids) await settled(stack, id);
      }
      return residentKb(folder.path);
    };
    const theirs = await heldAfter(callsOfStart.few);
    const ours = await heldAfter(callsOfStart.many);
    return figureOf("memory of npm start: resident", {
      after: callsOfStart.many,
      before: callsOfStart.few,
      ours,
      theirs,
      atMost: 1.5,
    });
  } finally {
    await interrupt(stack);
    await folder.remove();
  }
}

function figureOf(
  name: string,
  held: { after: number; before: number; ours: number; theirs: number; atMost: number },
): Figure {
  const { after, before, ours, theirs, atMost } = held;
  return {
    name: `${name} after ${after.toLocaleString("en")} calls`,
    against: `after ${before.toLocaleString("en")}`,
    unit: "KB",
    ours,
    theirs,
    ratio: ours / theirs,
    spread: null,
    aim: { atMost },
  };
}
