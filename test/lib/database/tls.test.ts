import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import { checkoutContext } from "../../../src/doctor/checkout.ts";
import { checkDatabase } from "../../../src/doctor/checks/database.ts";
import { database } from "../../../src/lib/database/pool.ts";
import { settings } from "../../../src/settings.ts";
import { uploadBody } from "../../support/bodies.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { createMigratedDatabase } from "../../support/migrate.ts";
import { type PostgresServer, postgresServer } from "../../support/postgres-server.ts";
import { signedRequest } from "../../support/signed-request.ts";

const openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"].find(existsSync);

// A server with a certificate of an authority of its own, as managed databases have it; and with that authority trusted by Node,
// as a public one is.
describe.skipIf(!openssl)("a PostgreSQL server with TLS", () => {
  let server: PostgresServer;
  let folder: string;
  let ca: string;
  let url: string;
  const publicAuthorities = getCACertificates("default");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-tls-"));
    server = await postgresServer(["fsync=off"], { fast: true });
    url = await createMigratedDatabase(server.url, "app");
    const run = (...args: string[]) => execFileSync(openssl ?? "", args, { cwd: folder, stdio: "pipe" });
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    run(
      "req",
      "-x509",
      ...key,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "2",
      "-subj",
      "/CN=Private authority",
    );
    run("req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
    await writeFile(join(folder, "names"), "subjectAltName=DNS:localhost\n");
    run(
      "x509",
      "-req",
      "-in",
      "server.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "2",
      "-extfile",
      "names",
      "-out",
      "server.pem",
    );
    ca = await readFile(join(folder, "ca.pem"), "utf8");
    const admin = new pg.Client(server.url);
    await admin.connect();
    const { rows } = await admin.query<{ data_directory: string }>("show data_directory");
    const data = rows[0]?.data_directory ?? "";
    const { uid, gid } = await stat(data);
    for (const name of ["server.key", "server.pem"]) {
      await writeFile(join(data, name), await readFile(join(folder, name)));
      await chmod(join(data, name), 0o600);
      await chown(join(data, name), uid, gid);
    }
    await admin.query("alter system set ssl_cert_file = 'server.pem'");
    await admin.query("alter system set ssl_key_file = 'server.key'");
    await admin.query("alter system set ssl = on");
    await admin.query("select pg_reload_conf()");
    const isOn = async () => (await admin.query("show ssl")).rows[0]?.ssl === "on";
    await vi.waitUntil(isOn, { timeout: 30_000 });
    await admin.end();
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    setDefaultCACertificates(publicAuthorities);
    vi.unstubAllEnvs();
  });

  /** Whether the connection is encrypted; or why there is none. */
  async function connect(query: string, certificate: string | null = null, host = "localhost") {
    const target = `${url.replace("127.0.0.1", host)}${query}`;
    const db = database({ url: target, ca: certificate, max: 1, timeoutMs: 30_000 });
    try {
      const { rows } = await db.query<{ ssl: boolean }>(
        "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
      );
      return rows[0]?.ssl ? "encrypted" : "open";
    } catch (error) {
      return error instanceof Error && "code" in error ? String(error.code) : String(error);
    } finally {
      await db.close();
    }
  }

  it.each([
    ["", "open"],
    ["?sslmode=disable", "open"],
    ["?sslmode=prefer", "encrypted"],
    ["?sslmode=require", "encrypted"],
    ["?sslmode=require&channel_binding=require", "encrypted"],
    ["?sslmode=no-verify", "encrypted"],
    ["?ssl=true", "encrypted"],
    ["?sslmode=verify-ca", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["?sslmode=verify-full", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ])("of a private authority that is not known: %j", async (query, expected) => {
    expect(await connect(query)).toBe(expected);
  });

  it.each(["", "?sslmode=require", "?sslmode=verify-ca", "?sslmode=verify-full"])(
    "of a private authority in DATABASE_CA: %j",
    async (query) => {
      expect(await connect(query, ca)).toBe("encrypted");
    },
  );

  it("of another authority than the one in DATABASE_CA is rejected", async () => {
    const [other = ""] = publicAuthorities;
    for (const mode of ["require", "verify-ca", "verify-full"])
      expect(await connect(`?sslmode=${mode}`, other)).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  it("of a public authority is verified without further settings, and only verify-full checks the host name", async () => {
    setDefaultCACertificates([...publicAuthorities, ca]);
    const warn = vi.spyOn(console, "warn");
    for (const mode of ["require", "verify-ca", "verify-full"])
      expect(await connect(`?sslmode=${mode}&application_name=public`)).toBe("encrypted");
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    expect(await connect("?sslmode=verify-ca", null, "127.0.0.1")).toBe("encrypted");
    expect(await connect("?sslmode=verify-full", null, "127.0.0.1")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  it("webhooks doctor names a certificate that it cannot verify, and is content with its authority", async () => {
    const check = async (env: Record<string, string>) => {
      const checkout = { folder: process.cwd(), settings, siteUrl: null, isLocal: false };
      const { context, close } = await checkoutContext({ ...checkout, env });
      const findings = await checkDatabase(context).finally(close);
      return findings.filter(({ id }) => id === "database.tls").map(({ level }) => level);
    };
    const target = url.replace("127.0.0.1", "localhost");
    expect(await check({ DATABASE_URL: `${target}?sslmode=verify-full` })).toEqual(["failed"]);
    expect(await check({ DATABASE_URL: `${target}?sslmode=require` })).toEqual(["warning"]);
    expect(await check({ DATABASE_URL: `${target}?sslmode=verify-full`, DATABASE_CA: ca })).toEqual(["ok"]);
  });

  it("records a notification with pasted values, including a single-line certificate, without warnings from pg", async () => {
    const warn = vi.spyOn(process, "emitWarning");
    const pasted = url.replace("127.0.0.1", "localhost");
    for (const certificate of [ca, ca.trim().replaceAll("\n", "\\n"), ca.trim().replaceAll("\n", " ")]) {
      configured(`psql '${pasted}?sslmode=require&application_name=${certificate.length}'`, {
        DATABASE_CA: certificate,
      });
      const answer = await invoke(notification, signedRequest(uploadBody()));
      expect(answer.status).toBe(200);
    }
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});
