import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { showProgress } from "../progress.ts";
import { isThisStack, type Receiver } from "../receiver.ts";
import { readStackFile, type StackFile } from "../stack-files.ts";
import { type SimulatedAsset, simulatedAssetSchema } from "./asset.ts";

export interface WantedAsset {
  publicId: string;
  /** `new`: uploaded again, as a new version. `present`: uploaded if it does not exist. `absent`: deleted. */
  want: "new" | "present" | "absent";
  /** `pending` also restricts the asset to token holders. */
  moderation?: "pending" | "approved";
  drawing?: "product" | "logo";
}

/** The Cloudinary emulator of the receiver's own stack. */
export interface Emulator {
  localUrl: string;
  /** Brings an asset into the wanted state, without a notification. */
  asset(wanted: WantedAsset): Promise<SimulatedAsset>;
}

const statusSchema = z.object({ cloudName: z.string(), otherClouds: z.array(z.string()).default([]) });

/** null: the receiver is not the stack of this folder, or its stack uses a real Cloudinary account. */
export async function findEmulator(folder: string, receiver: Receiver): Promise<Emulator | null> {
  const stack = readStackFile(folder);
  if (stack === null || !isThisStack(receiver.url, stack.url)) return null;
  const { localUrl } = stack;
  const status = statusSchema.safeParse(await started(stack));
  if (!status.success) return null;
  const { cloudName: first, otherClouds } = status.data;
  const { cloudName } = receiver;
  if (first !== cloudName && !otherClouds.includes(cloudName)) return null;
  return {
    localUrl,
    async asset({ publicId, want, moderation, drawing }) {
      const wanted = { public_id: publicId, asset_folder: publicId.split("/").slice(0, -1).join("/") };
      const body = JSON.stringify({ ...wanted, want, moderation, drawing });
      return simulatedAssetSchema.parse(
        await answer(`${localUrl}/_control/samples?cloud=${cloudName}`, body),
      );
    },
  };
}

/** The longest time from the first answer of the receiver to that of the emulator. */
const startingMs = 60_000;

/** The status of the emulator. A stack that is starting has none yet. */
async function started({ localUrl, pid }: StackFile): Promise<unknown> {
  const until = Date.now() + startingMs;
  using progress = showProgress();
  for (;;) {
    try {
      return await answer(`${localUrl}/_control/status`);
    } catch {
      if (Date.now() > until || !isRunning(pid)) return null;
    }
    progress.show("Waiting for npm start to be ready");
    await sleep(500);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** null if the answer is not one of the emulator; throws if there is none. */
async function answer(url: string, body?: string): Promise<unknown> {
  const call: RequestInit =
    body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body };
  const response = await fetch(url, { ...call, signal: AbortSignal.timeout(20_000) });
  return response.ok ? await response.json() : null;
}
