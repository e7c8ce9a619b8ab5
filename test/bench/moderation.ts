import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Figure } from "./figure.ts";
import type { Counted } from "./moderation-calls.ts";

const script = fileURLToPath(new URL("./moderation-calls.ts", import.meta.url));

/** In a process of its own: the SDK chooses between http and https when it is loaded, and other parts have loaded it. */
export async function benchModeration(): Promise<Figure[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 120_000 });
  const { named, silent, visitors, confirmed }: Counted = JSON.parse(stdout);
  return [
    figure("explicit names moderation: Upload API", named.upload, 2),
    figure("explicit names moderation: Admin API", named.admin, 0),
    figure("explicit is silent: Upload API", silent.upload, 2),
    figure("explicit is silent: Admin API", silent.admin, 1),
    figure("pim, approval of a visitor's upload: Admin API", visitors.admin, 1),
    figure("pim, approval of a visitor's upload that moderation confirmed: Admin API", confirmed.admin, 0),
  ];
}

function figure(name: string, ours: number, theirs: number): Figure {
  return {
    name: `calls per decision, ${name}`,
    against: "promised",
    unit: "calls",
    ours,
    theirs,
    ratio: ours === theirs ? 1 : ours / theirs,
    spread: null,
    aim: { atMost: 1 },
  };
}
