import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

/** Debian's package `pgbouncer` (`.ci/run` installs it); undefined where it is not installed. */
export const pgBouncer = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find((path) => existsSync(path));

export interface PgBouncerOptions {
  /** Where it connects to. */
  port: number;
  database: string;
  user: string;
  password: string;
  poolSize: number;
  maxClients: number;
  /** Further lines of its configuration. */
  more?: readonly string[];
}

export interface PgBouncerSetup {
  port: number;
  /** Its configuration, which the caller deletes at the end. */
  folder: string;
  start(): ChildProcess;
}

/** PgBouncer in transaction mode on a free port, as managed services put it before functions; not started yet. */
export async function pgBouncerSetup(program: string, options: PgBouncerOptions): Promise<PgBouncerSetup> {
  const { database, user, password } = options;
  const folder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-pgbouncer-"));
  await chmod(folder, 0o755);
  const port = await freePort();
  const users = join(folder, "users.txt");
  const settings = join(folder, "pgbouncer.ini");
  await writeFile(users, `"${user}" "${password}"\n`);
  const lines = [
    "[databases]",
    `${database} = host=127.0.0.1 port=${options.port} dbname=${database} user=${user} password=${password}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = plain",
    `auth_file = ${users}`,
    "pool_mode = transaction",
    `default_pool_size = ${options.poolSize}`,
    `max_client_conn = ${options.maxClients}`,
    ...(options.more ?? []),
  ];
  await writeFile(settings, `${lines.join("\n")}\n`);
  // It refuses to run as root.
  const asRoot = process.getuid?.() === 0 ? ["-u", "postgres"] : [];
  return { port, folder, start: () => spawn(program, ["-q", ...asRoot, settings], { stdio: "ignore" }) };
}
