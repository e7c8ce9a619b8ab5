import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ports that systems give to whoever asks for any (Linux from 32768, others from 49152), so that no other test's server or
 * connection gets one between this look and its use, which for a stack is a minute later.
 */
const first = 12_000;
/** So many for each process that runs tests beside others; 0 is the one that starts them. */
const each = 2_000;
const start = first + (Number(process.env.VITEST_POOL_ID ?? 0) % 10) * each;
let next = Math.floor(Math.random() * each);

/** A port that is free, and that nobody else is given meanwhile. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < each; tries += 1) {
    const port = start + next;
    next = (next + 1) % each;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${start} to ${start + each - 1} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
