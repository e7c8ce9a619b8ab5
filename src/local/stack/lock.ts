import { randomUUID } from "node:crypto";
import { mkdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { localFolder, readStackFile, type StackFile, stackPath } from "../../cli/stack-files.ts";
import { UserError } from "../../cli/user-error.ts";

/** Looking and taking are a matter of milliseconds, two seconds with a holder that is slow to answer. */
const lookingMs = 10_000;

/**
 * Keeps a second stack out of the folder: two embedded databases on one directory corrupt each other.
 * A process id alone does not tell whether the holder lives (ids come round, above all in containers), so the holder answers on
 * a port with the nonce that its file names. Returns what lets the folder go again.
 */
export async function lockFolder(
  folder: string,
  addresses: Pick<StackFile, "url" | "localUrl"> & Partial<Pick<StackFile, "listens">>,
): Promise<() => Promise<void>> {
  await mkdir(localFolder(folder), { recursive: true });
  const here = await realpath(folder);
  const nonce = randomUUID();
  const { server, port } = await answerWith(nonce);
  try {
    await oneAtATime(`${stackPath(folder)}.taking`, async () => {
      await refuseWhenHeld(folder, here);
      const mine: StackFile = {
        pid: process.pid,
        folder: here,
        listens: false,
        ...addresses,
        controlPort: port,
        nonce,
      };
      await writeWhole(stackPath(folder), JSON.stringify(mine, null, 2));
    });
  } catch (error) {
    server.close();
    throw error;
  }
  return async () => {
    // In this order: as long as we answer, nobody replaces the file.
    if (readStackFile(folder)?.nonce === nonce) await rm(stackPath(folder), { force: true });
    server.close();
  };
}

async function refuseWhenHeld(folder: string, here: string): Promise<void> {
  const holder = readStackFile(folder);
  // Where the names differ, the file was copied along with its folder.
  if (holder === null || holder.folder !== here || !(await isAlive(holder))) return;
  throw new UserError(
    `A stack already runs in this folder (process ${holder.pid}, ${holder.url}). Use that one, or stop it first: two on one database corrupt it.`,
  );
}

/** Without it, of two starters that saw the same dead holder the second would replace the first one's file. */
async function oneAtATime(gate: string, work: () => Promise<void>): Promise<void> {
  while (!(await passed(gate))) await sleep(20);
  try {
    await work();
  } finally {
    await rm(gate, { force: true });
  }
}

async function passed(gate: string): Promise<boolean> {
  try {
    await writeFile(gate, "", { flag: "wx" });
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const made = (await stat(gate).catch(() => null))?.mtimeMs ?? Date.now();
  // Left by one that was killed while it looked.
  if (Date.now() - made > lookingMs) await rm(gate, { force: true });
  return false;
}

async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, text);
  await rename(beside, path);
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
