import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { createMigratedDatabase } from "../../support/migrate.ts";
import type { Seeded } from "../seeded.ts";
import { type Bouncer, startBouncer } from "./bouncer.ts";
import { type BreakablePostgres, breakablePostgres } from "./postgres.ts";
import { type DatabaseProxy, proxyTo } from "./proxy.ts";

const name = "chaos";
const role = "functions";

export interface ChaosDatabase {
  server: BreakablePostgres;
  proxy: DatabaseProxy;
  /** Null where PgBouncer is not installed. */
  bouncer: Bouncer | null;
  /** For the functions: through the proxy, or through PgBouncer and the proxy. */
  url(way: "direct" | "pooled"): string;
  /** A superuser's, which no fault is in the way of. */
  ownUrl: string;
  /** Runs a statement as a superuser; false if the server does not answer. */
  tell(sql: string): Promise<boolean>;
  /** The same, until the server answers: a fault that is not ended would hide all others. */
  insist(sql: string): Promise<void>;
  /** Ends all faults of the database and waits until it answers. */
  mend(): Promise<void>;
  remove(): Promise<void>;
  end(): void;
}

// Writes fail as on a full disk, when the run says so. Reads go on, as on a real one.
const fullDisk = `
create schema chaos;
create table chaos.disk (is_full boolean not null);
insert into chaos.disk values (false);
create function chaos.write() returns trigger language plpgsql security definer as $$
begin
  if (select is_full from chaos.disk) then
    raise exception 'could not extend file "base/16384/16401": No space left on device' using errcode = '53100';
  end if;
  return new;
end $$;
do $$ declare one text; begin
  for one in select unnest(array['notifications', 'deliveries', 'attempts', 'moderation_decision', 'pim_asset', 'pulse']) loop
    execute format('create trigger chaos_disk before insert or update on %I for each statement execute function chaos.write()', one);
  end loop;
end $$;`;

const grants = (password: string) => `
create role ${role} login password '${password}';
grant usage on schema public to ${role};
grant all on all tables in schema public to ${role};
grant all on all sequences in schema public to ${role};
grant execute on all functions in schema public to ${role};`;

/** A migrated database, with everything in front of it that can fail. */
export async function chaosDatabase({
  random,
  password,
  maxConnections,
}: {
  random: Seeded;
  password: string;
  maxConnections: number;
}): Promise<ChaosDatabase> {
  const server = await breakablePostgres([
    `max_connections=${maxConnections}`,
    "shared_buffers=32MB",
    "restart_after_crash=on",
  ]);
  const url = await createMigratedDatabase(server.url, name);
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(fullDisk);
  await admin.query(grants(password));
  await admin.end();
  const proxy = await proxyTo(server.port, random.chance);
  const bouncer = await startBouncer({
    port: proxy.port,
    database: name,
    user: role,
    password,
    poolSize: 6,
    maxClients: 40,
  });

  const tell = async (sql: string): Promise<boolean> => {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 2_000,
      query_timeout: 3_000,
    });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("set default_transaction_read_only = off");
      await client.query(sql);
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  };

  const insist = async (sql: string): Promise<void> => {
    for (let tries = 0; tries < 120; tries += 1) {
      if (await tell(sql)) return;
      await sleep(250);
    }
    throw new Error(`the database does not answer: ${sql}`);
  };

  return {
    server,
    proxy,
    bouncer,
    ownUrl: url,
    tell,
    insist,
    url: (way) =>
      `postgresql://${role}:${password}@127.0.0.1:${way === "pooled" && bouncer ? bouncer.port : proxy.port}/${name}`,
    async mend() {
      proxy.set({ isCut: false, isSilent: false, delayMs: 0, answerLost: 0 });
      server.resume();
      bouncer?.resume();
      await insist("update chaos.disk set is_full = false");
      await insist(`alter role ${role} connection limit -1`);
      await insist("alter system reset default_transaction_read_only");
      await insist("select pg_reload_conf()");
    },
    async remove() {
      await bouncer?.remove();
      await proxy.close();
      await server.remove();
    },
    end() {
      bouncer?.end();
      server.end();
    },
  };
}
