import { errorText } from "../../lib/shared/log.ts";
import type { Connected, DoctorContext } from "../context.ts";
import { type Finding, failed, notChecked, ok, warning } from "../finding.ts";
import { inWords } from "../in-words.ts";
import { checkMigrations } from "./migrations.ts";

const minVersion = 15;
const maxClockMs = 30_000;

/** Whether the receiver can use its database: connection, encryption, version, rights, tables, clock. */
export async function checkDatabase(context: DoctorContext): Promise<Finding[]> {
  const { config, isLocal } = context;
  if (config.databaseUrl === null)
    return [
      notChecked(
        "database",
        "Database",
        isLocal
          ? "npm start embeds it; only the receiver can reach it."
          : "No usable DATABASE_URL is set here.",
      ),
    ];
  let connected: Connected;
  try {
    connected = await context.database();
  } catch (error) {
    return [unreachable(error)];
  }
  const facts = await readFacts(connected, context);
  return [
    ok("database.reachable", "The database can be reached"),
    encryption(connected, config.databaseUrl),
    version(facts),
    ...pooler(config.databaseUrl, facts),
    writable(facts),
    clock(facts),
    ...(await checkMigrations(connected.db, context.migrations)),
  ];
}

const fixUrl = "Correct DATABASE_URL, then run this command again.";

/** The codes are PostgreSQL's and Node's. */
export function unreachable(error: unknown): Finding {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = error instanceof Error ? error.message : "";
  const found = (id: string, what: string, fix: string): Finding =>
    failed(`database.${id}`, what, {
      why: "Hooks answer 503 to every notification. Cloudinary retries each three times within about ten minutes, then it is lost.",
      fix,
    });
  if (code === "28P01" || code === "28000")
    return found("credentials", "The database rejects the user or the password", fixUrl);
  if (code === "3D000")
    return found(
      "name",
      "The database named in DATABASE_URL does not exist",
      "Create it, or correct the name.",
    );
  if (code === "53300")
    return found(
      "connections",
      "The database has no free connection",
      "Use the pooler's URL (transaction mode), or raise max_connections.",
    );
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return found("host", "The host in DATABASE_URL cannot be found", fixUrl);
  if (/does not support SSL/i.test(text))
    return found(
      "tls",
      "The server does not offer TLS, and DATABASE_URL requires it",
      "Turn on TLS at the server. If the connection stays within a private network, remove sslmode.",
    );
  if (/certificate|altnames?|self.signed/i.test(`${code} ${text}`))
    return found(
      "tls",
      "The server's certificate cannot be verified",
      "Set DATABASE_CA to the certificate of the database's authority; the provider offers it for download.",
    );
  if (/no pg_hba\.conf entry.*no encryption|SSL (connection )?is required|no encryption/i.test(text))
    return found("tls", "The server requires TLS", "Add sslmode=require, or verify-full, to DATABASE_URL.");
  const reason = code === "ECONNREFUSED" ? "nothing listens at its address" : errorText(error);
  return found(
    "reachable",
    `The database cannot be reached: ${reason}`,
    "Check that it runs, that host and port are right, and that its firewall lets this machine and Netlify in.",
  );
}

interface Facts {
  version: number;
  versionText: string;
  /** Of the database, minus ours. */
  aheadMs: number;
  readOnly: boolean;
  /** Of the server; null for a socket. Behind a pooler or a forwarded port it is another one than in the URL. */
  port: number | null;
}

const factsStatement = `
select current_setting('server_version_num')::int as version, current_setting('server_version') as "versionText",
       extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs", inet_server_port() as port,
       pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as "readOnly"`;

async function readFacts({ db }: Connected, { now }: DoctorContext): Promise<Facts> {
  const sentAt = now();
  const { rows } = await db.query<Omit<Facts, "aheadMs"> & { nowMs: number }>(factsStatement);
  const [row] = rows;
  if (!row) throw new Error("the database returned no row");
  return { ...row, aheadMs: Math.round(row.nowMs - (sentAt + now()) / 2) };
}

function encryption({ encrypted, unverified }: Connected, url: string): Finding {
  if (unverified)
    return warning(
      "database.tls",
      "The connection is encrypted, but the server's certificate cannot be verified",
      {
        why: "An attacker between Netlify and the database could impersonate the database.",
        fix: "Set DATABASE_CA to the certificate of the database's authority and use sslmode=verify-full.",
      },
    );
  if (encrypted) return ok("database.tls", "The connection is encrypted");
  const { hostname } = new URL(url);
  const isNear = !hostname.includes(".") || /^127\.|^10\.|^192\.168\./.test(hostname);
  return isNear
    ? ok("database.tls", "The connection is not encrypted, to a host on this machine or network")
    : warning("database.tls", "The connection is not encrypted", {
        why: "Notifications and the password cross the network in clear text.",
        fix: "Add sslmode=require, or verify-full, to DATABASE_URL.",
      });
}

function version({ version: number, versionText }: Facts): Finding {
  return number >= minVersion * 10_000
    ? ok("database.version", `PostgreSQL ${versionText}`)
    : failed("database.version", `PostgreSQL ${versionText}`, {
        why: `The migrations need PostgreSQL ${minVersion}.`,
        fix: `Upgrade the server to PostgreSQL ${minVersion} or later.`,
      });
}

/** Each instance of a hook holds a connection of its own. */
function pooler(url: string, { port }: Facts): Finding[] {
  const { hostname, port: named } = new URL(url);
  const isPooled =
    /pooler|pgbouncer/i.test(hostname) ||
    (port !== null && port !== Number(named === "" ? 5432 : named)) ||
    ["6432", "6543"].includes(named);
  if (isPooled) return [ok("database.pooler", "The connection goes through a pooler or a forwarded port")];
  const isLocal = !hostname.includes(".") || hostname.startsWith("127.");
  return isLocal
    ? []
    : [
        ok(
          "database.pooler",
          "The connection is direct. Each function instance holds one: use the provider's pooler for bursts",
        ),
      ];
}

function writable({ readOnly }: Facts): Finding {
  return readOnly
    ? failed("database.writable", "The database is read-only", {
        why: "No notification can be recorded.",
        fix: "Use the URL of the primary, not of a replica; check default_transaction_read_only.",
      })
    : ok("database.writable", "The database accepts writes");
}

function clock({ aheadMs }: Facts): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (Math.abs(aheadMs) <= maxClockMs) return ok("database.clock", "This clock and the database's agree");
  return failed(
    "database.clock",
    `This clock is ${inWords(seconds)} ${aheadMs > 0 ? "behind" : "ahead of"} the database's`,
    {
      why: "Timestamps of notifications are checked against the receiver's clock: beyond two hours behind or five minutes ahead, they are rejected.",
      fix: "Synchronise the clock of the machine that is wrong (NTP). Netlify's own are right.",
    },
  );
}
