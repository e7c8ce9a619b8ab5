import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { database } from "../../src/lib/database/pool.ts";
import { realDatabase, type TestDatabase } from "./databases.ts";
import { pgBouncer, pgBouncerSetup } from "./pgbouncer-process.ts";

export const hasPgBouncer = pgBouncer !== undefined;

/** A migrated database reached through PgBouncer. */
export async function pooledDatabase({
  max = 4,
  maxClients = 200,
  poolSize = 5,
} = {}): Promise<TestDatabase> {
  if (!pgBouncer) throw new Error("pgbouncer is not installed");
  const direct = await realDatabase(1);
  const target = new URL(direct.url);
  const name = target.pathname.slice(1);
  const { port, folder, start } = await pgBouncerSetup(pgBouncer, {
    port: Number(target.port),
    database: name,
    user: "postgres",
    password: "postgres",
    poolSize,
    maxClients,
  });
  const child = start();
  const url = `postgresql://postgres:postgres@127.0.0.1:${port}/${name}`;
  await listening(port);
  const db = database({ url, max, timeoutMs: 20_000 });
  return {
    url,
    db,
    async drop() {
      await db.close();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await Promise.race([ended, sleep(2_000).then(() => child.kill("SIGKILL"))]);
      await direct.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`pgbouncer does not listen on ${port} after 30 s`);
}
