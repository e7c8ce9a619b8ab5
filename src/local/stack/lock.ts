import { randomUUID } from "node:crypto";
import { mkdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { localFolder, readStackFile, type StackFile, stackPath } from "../../cli/stack-files.ts";
import { UserError } from "../../cli/user-error.ts";

/** Checking and taking the lock takes milliseconds, or two seconds if the holder is slow to respond. */
const lookingMs = 10_000;

/**
 * Prevents a second stack in the folder, because two processes would corrupt the embedded database. A process id does not show
 * whether the holder is still running (ids are reused, especially in containers), so the holder answers on a port with the nonce in its
 * file. Returns a function that releases the lock.
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
    // In this order: as long as the port answers, no other process replaces the file.
    if (readStackFile(folder)?.nonce === nonce) await rm(stackPath(folder), { force: true });
    server.close();
  };
}

async function refuseWhenHeld(folder: string, here: string): Promise<void> {
  const holder = readStackFile(folder);
  // If the paths differ, the file was copied together with its folder.
  if (holder === null || holder.folder !== here || !(await isAlive(holder))) return;
  throw new UserError(
    `A stack is already running in this folder (process ${holder.pid}, ${holder.url}). Use it, or stop it first: two stacks would corrupt the database.`,
  );
}

/** Without this, if two processes find the same dead holder, the second would replace the file of the first. */
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
  // Left by a process that was killed during the check.
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

/** A holder that is too busy to answer in time counts as running: the kernel accepts the connection. */
export function isAlive(holder: StackFile): Promise<boolean> {
  const socket = connect({ port: holder.controlPort, host: "127.0.0.1" });
  let heard = "";
  let connected = false;
  return new Promise((resolve) => {
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    // After a pause of this process, what arrived meanwhile is read first.
    socket.setTimeout(2_000, () => setImmediate(() => end(connected)));
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
