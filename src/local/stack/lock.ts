import { randomUUID } from "node:crypto";
import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  localFolder,
  parseStackFile,
  readStackFile,
  type StackFile,
  stackPath,
} from "../../cli/stack-files.ts";
import { StartProblem } from "./start-problem.ts";

/** How long a file without content may be one that is being written. */
const writingMs = 1_000;

/**
 * Keeps a second stack out of the folder: two embedded databases on one directory corrupt each other.
 * A process id alone does not tell whether the holder lives (ids come round, above all in containers), so the holder answers on
 * a port with the nonce that its file names. Returns what lets the folder go again.
 */
export async function lockFolder(
  folder: string,
  addresses: Pick<StackFile, "url" | "localUrl">,
): Promise<() => Promise<void>> {
  const nonce = randomUUID();
  const { server, port } = await answerWith(nonce);
  const here = await realpath(folder);
  const mine: StackFile = { pid: process.pid, folder: here, ...addresses, controlPort: port, nonce };
  await mkdir(localFolder(folder), { recursive: true });
  try {
    while (!(await created(folder, mine))) {
      const dead = await refuseWhenHeld(folder, mine.folder);
      await takeAway(folder, dead);
    }
  } catch (error) {
    server.close();
    throw error;
  }
  return async () => {
    server.close();
    if (readStackFile(folder)?.nonce === nonce) await rm(stackPath(folder), { force: true });
  };
}

async function created(folder: string, mine: StackFile): Promise<boolean> {
  try {
    await writeFile(stackPath(folder), JSON.stringify(mine, null, 2), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Returns the dead holder; null when the file says nothing. */
async function refuseWhenHeld(folder: string, here: string): Promise<StackFile | null> {
  for (let waited = 0; readStackFile(folder) === null && waited < writingMs; waited += 100) await sleep(100);
  const holder = readStackFile(folder);
  // Where the names differ, the file was copied along with its folder.
  if (holder === null || holder.folder !== here || !(await isAlive(holder))) return holder;
  throw new StartProblem(
    `A stack already runs in this folder (process ${holder.pid}, ${holder.url}). Use that one, or stop it first: two on one database corrupt it.`,
  );
}

/** Moved before it is deleted: another starter may have replaced the dead file by its own, which then goes back. */
async function takeAway(folder: string, dead: StackFile | null): Promise<void> {
  const aside = `${stackPath(folder)}.${randomUUID()}`;
  try {
    await rename(stackPath(folder), aside);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  const moved = parseStackFile(await readFile(aside, "utf8"));
  if (moved?.nonce === dead?.nonce) await rm(aside);
  else await rename(aside, stackPath(folder));
}

function answerWith(nonce: string): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(nonce);
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve({ server, port: portOf(server.address()) }));
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("The control port has no number.");
  return address.port;
}

/** A holder that is too busy to answer in time counts as alive: the connection itself is made by the kernel. */
export function isAlive(holder: StackFile): Promise<boolean> {
  const socket = connect({ port: holder.controlPort, host: "127.0.0.1" });
  let heard = "";
  let connected = false;
  return new Promise((resolve) => {
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(2_000, () => end(connected));
    socket.on("connect", () => {
      connected = true;
    });
    socket.on("data", (chunk) => {
      heard += chunk.toString();
    });
    socket.on("end", () => end(heard === holder.nonce));
    socket.on("error", () => end(false));
  });
}
