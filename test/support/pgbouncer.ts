import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { database } from "../../src/lib/database/pool.ts";
import { realDatabase, type TestDatabase } from "./databases.ts";
import { freePort } from "./free-port.ts";

const binary = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find((path) => existsSync(path));

/** Debian's package `pgbouncer` (`.ci/run` installs it). */
export const hasPgBouncer = binary !== undefined;

/** A migrated database reached through PgBouncer in transaction mode, as managed Postgres services put it before functions. */
export async function pooledDatabase({ max = 4, maxClients = 200 } = {}): Promise<TestDatabase> {
  if (!binary) throw new Error("pgbouncer is not installed");
  const direct = await realDatabase(1);
  const target = new URL(direct.url);
  const directory = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-pgbouncer-"));
  await chmod(directory, 0o755);
  const port = await freePort();
  const name = target.pathname.slice(1);
  await writeFile(join(directory, "users.txt"), `"postgres" "postgres"\n`);
  await writeFile(
    join(directory, "pgbouncer.ini"),
    `[databases]
${name} = host=127.0.0.1 port=${target.port} dbname=${name} user=postgres password=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${join(directory, "users.txt")}
pool_mode = transaction
default_pool_size = 5
max_client_conn = ${maxClients}
`,
  );
  const asRoot = process.getuid?.() === 0 ? ["-u", "postgres"] : [];
  const child = spawn(binary, ["-q", ...asRoot, join(directory, "pgbouncer.ini")], { stdio: "ignore" });
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
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`pgbouncer does not listen on ${port} after 5 s`);
}
