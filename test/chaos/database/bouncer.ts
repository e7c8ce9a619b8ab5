import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/free-port.ts";

const binary = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find((path) => existsSync(path));

/** PgBouncer in transaction mode, in front of the proxy, as managed services put it before functions. */
export interface Bouncer {
  port: number;
  pause(): void;
  resume(): void;
  kill(): void;
  start(): void;
  remove(): Promise<void>;
  end(): void;
}

export interface BouncerOptions {
  /** Where it connects to. */
  port: number;
  database: string;
  user: string;
  password: string;
  poolSize: number;
  maxClients: number;
}

/** Null where PgBouncer is not installed. */
export async function startBouncer(options: BouncerOptions): Promise<Bouncer | null> {
  if (!binary) return null;
  const program = binary;
  const { database, user, password } = options;
  const folder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-bouncer-"));
  await chmod(folder, 0o755);
  const port = await freePort();
  await writeFile(join(folder, "users.txt"), `"${user}" "${password}"\n`);
  await writeFile(
    join(folder, "pgbouncer.ini"),
    `[databases]
${database} = host=127.0.0.1 port=${options.port} dbname=${database} user=${user} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${join(folder, "users.txt")}
pool_mode = transaction
default_pool_size = ${options.poolSize}
max_client_conn = ${options.maxClients}
server_login_retry = 1
`,
  );
  const asRoot = process.getuid?.() === 0 ? ["-u", "postgres"] : [];
  let child: ChildProcess | null = null;
  const start = () => {
    child = spawn(program, ["-q", ...asRoot, join(folder, "pgbouncer.ini")], { stdio: "ignore" });
    child.on("error", () => {});
  };
  const send = (signal: NodeJS.Signals) => void child?.kill(signal);
  start();
  return {
    port,
    start,
    pause: () => send("SIGSTOP"),
    resume: () => send("SIGCONT"),
    kill: () => send("SIGKILL"),
    end: () => send("SIGKILL"),
    async remove() {
      send("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
