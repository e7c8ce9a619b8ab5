import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { checkFaces } from "../../src/doctor/checks/faces.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { rekognitionVariables } from "../../src/local/rekognition/local-account.ts";
import { localRekognition } from "../../src/local/rekognition/local-rekognition.ts";
import { serve } from "../../src/local/server.ts";
import { settings } from "../../src/settings.ts";
import type { FacesSettings } from "../../src/settings.types.ts";
import { realDatabase, type TestDatabase } from "../support/databases.ts";
import { freePort } from "../support/free-port.ts";
import { withDatabase } from "../support/migrate.ts";
import { projectFolder } from "../support/project-folder.ts";
import { complete, type Diagnosis, doctor } from "./doctor-site.ts";

let folder: string;
let remove: () => Promise<void>;
let database: TestDatabase;
beforeAll(async () => {
  [{ path: folder, remove }, database] = await Promise.all([projectFolder(), realDatabase()]);
});
afterAll(async () => {
  await database.drop();
  await remove();
});

const withSet = (changed: Record<string, string>): Promise<Diagnosis> =>
  doctor(folder, { ...complete(database.url), ...changed });

const ofArea = (ids: readonly string[], area: string) => ids.filter((id) => id.startsWith(`${area}.`));

describe("environment", () => {
  it("a complete one has no finding but ok", async () => {
    const { failed, warned } = await withSet({});
    expect(ofArea([...failed, ...warned], "environment")).toEqual([]);
  });

  it("names quotes, the variable's own name, spaces and placeholders, and shows no value", async () => {
    const { code, findings, output } = await withSet({
      DATABASE_URL: `"${database.url}"`,
      CLOUDINARY_URL: "'cloudinary://123456789012345:an-Api-Secret_of_27-charactr@demo'",
      OPERATOR_TOKEN: "OPERATOR_TOKEN=3f1e9d7c4b5a60828796a5b4c3d2e1f0",
      SENDGRID_API_KEY: "<your_api_key>",
      PIM_WEBHOOK_URL: "https://pim.example.com/a b",
      TO_RECIPIENTS: " ada@example.com, nobody ",
    });
    expect(code).toBe(1);
    const of = (name: string) =>
      findings
        .filter(({ id, level }) => id === `environment.${name}` && level !== "ok")
        .map(({ level, what }) => `${level}: ${what}`);
    expect(of("DATABASE_URL")).toEqual(["warning: The value of DATABASE_URL is in quotes"]);
    expect(of("CLOUDINARY_URL")).toEqual([expect.stringMatching(/^failed: .*without quotes/)]);
    expect(of("OPERATOR_TOKEN")).toEqual(["warning: The value of OPERATOR_TOKEN begins with its own name"]);
    expect(of("SENDGRID_API_KEY")).toEqual(["failed: SENDGRID_API_KEY holds a placeholder"]);
    expect(of("PIM_WEBHOOK_URL")).toContain(
      "failed: The value of PIM_WEBHOOK_URL contains a space or line break",
    );
    expect(of("TO_RECIPIENTS")).toEqual([
      "warning: The value of TO_RECIPIENTS has spaces or line breaks around it",
      expect.stringMatching(/^warning: TO_RECIPIENTS: entry 2/),
    ]);
    for (const value of [
      "an-Api-Secret",
      "3f1e9d7c",
      "ada@example.com",
      "nobody",
      new URL(database.url).host,
    ])
      expect(output).not.toContain(value);
    // What is broken hides nothing else.
    expect(findings).toContainEqual(expect.objectContaining({ id: "database.reachable", level: "ok" }));
  });

  it("names what is missing, misnamed or set without effect", async () => {
    const { failed, warned, findings } = await doctor(folder, {
      CLOUDINARY_API_SECRET: "an-Api-Secret_of_27-charactr",
      SENDGRID_API_KEY: "SG.aRealLookingKey.0123456789",
      SENDGRID_REGION: "eu",
      TO_RECIPIENTS: "ada@example.com",
      PIM_WEBHOOK_URL: "https://pim.example.com/",
      MIGRATE_ON_BUILD: "yes",
    });
    expect(failed).toEqual(
      expect.arrayContaining([
        "environment.DATABASE_URL",
        "environment.CLOUDINARY_URL",
        "environment.FROM_VERIFIED_SENDER",
      ]),
    );
    expect(warned).toEqual(
      expect.arrayContaining([
        "environment.CLOUDINARY_API_SECRET",
        "environment.SENDGRID_REGION",
        "environment.PIM_WEBHOOK_URL",
        "environment.MIGRATE_ON_BUILD",
        "environment.OPERATOR_TOKEN",
      ]),
    );
    expect(findings.find(({ id }) => id === "environment.CLOUDINARY_API_SECRET")?.fix).toBe(
      "Set CLOUDINARY_URL instead.",
    );
  });
});

describe("Node", () => {
  it("an old one is named, here and where Netlify is told to use it", async () => {
    const old = `data:text/javascript,${encodeURIComponent(
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })",
    )}`;
    await writeFile(join(folder, ".nvmrc"), "v20\n");
    const { failed, code } = await withSet({
      NODE_OPTIONS: `--import ${old}`,
      AWS_LAMBDA_JS_RUNTIME: "nodejs20.x",
    });
    await rm(join(folder, ".nvmrc"));
    expect(code).toBe(1);
    expect(ofArea(failed, "node")).toEqual(["node.version", "node..nvmrc", "node.AWS_LAMBDA_JS_RUNTIME"]);
    expect(ofArea((await withSet({})).failed, "node")).toEqual([]);
  });
});

describe("database", () => {
  it("in order: reachable, version, writable, rights, all migrations, clock", async () => {
    const { findings, failed } = await withSet({});
    expect(ofArea(failed, "database")).toEqual([]);
    const ids = findings.filter(({ level }) => level === "ok").map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        "database.reachable",
        "database.version",
        "database.writable",
        "database.clock",
        "database.rights",
        "database.migrations",
      ]),
    );
  });

  it("gone, without a server that speaks TLS, with a wrong password or name: each is named", async () => {
    const url = (change: (url: URL) => void) => {
      const changed = new URL(database.url);
      change(changed);
      return { DATABASE_URL: changed.href };
    };
    const port = await freePort();
    const [gone, tls, password, name] = await Promise.all([
      withSet(
        url((one) => {
          one.port = String(port);
        }),
      ),
      withSet(url((one) => one.searchParams.set("sslmode", "require"))),
      withSet(
        url((one) => {
          one.password = "hush-hush";
        }),
      ),
      withSet(
        url((one) => {
          one.pathname = "/nowhere";
        }),
      ),
    ]);
    expect(ofArea(gone.failed, "database")).toEqual(["database.reachable"]);
    expect(ofArea(tls.failed, "database")).toEqual(["database.tls"]);
    expect(ofArea(password.failed, "database")).toEqual(["database.credentials"]);
    expect(ofArea(name.failed, "database")).toEqual(["database.name"]);
    expect(password.output).not.toContain("hush");
    expect(gone.code).toBe(1);
  });

  it("without tables, without rights, with a pending migration or one of a newer version", async () => {
    const server = new pg.Client(inject("postgresUrl"));
    await server.connect();
    const empty = `t_${randomBytes(6).toString("hex")}`;
    const role = `r_${randomBytes(6).toString("hex")}`;
    await server.query(`create database ${empty}`);
    await server.query(`create role ${role} login password 'hush-hush'`);
    const poor = new URL(database.url);
    poor.username = role;
    poor.password = "hush-hush";
    await database.db.query("insert into netlify.migrations (name) values ('0999_of_a_newer_version')");
    await database.db.query("delete from netlify.migrations where name = '0016_unreadable'");
    const [noTables, noRights, pending] = await Promise.all([
      withSet({ DATABASE_URL: withDatabase(database.url, empty) }),
      withSet({ DATABASE_URL: poor.href }),
      withSet({}),
    ]);
    await database.db.query("delete from netlify.migrations where name = '0999_of_a_newer_version'");
    await database.db.query("insert into netlify.migrations (name) values ('0016_unreadable')");
    await server.query(`drop database ${empty} with (force)`);
    await server.query(`drop role ${role}`);
    await server.end();
    expect(ofArea(noTables.failed, "database")).toEqual(["database.tables"]);
    expect(ofArea(noRights.failed, "database")).toEqual(["database.rights"]);
    expect(ofArea(pending.failed, "database")).toEqual(["database.migrations"]);
    expect(ofArea(pending.warned, "database")).toEqual(["database.newer"]);
    expect(pending.output).toContain("0016_unreadable");
  });

  it("a clock that is three hours off", async () => {
    const late = `data:text/javascript,${encodeURIComponent(
      "const now = Date.now; Date.now = () => now() - 3 * 3600 * 1000;",
    )}`;
    const { findings, failed } = await withSet({ NODE_OPTIONS: `--import ${late}` });
    expect(ofArea(failed, "database")).toEqual(["database.clock"]);
    expect(findings.find(({ id }) => id === "database.clock")?.what).toContain("3 hours behind");
  });
});

describe("faces", () => {
  const aws = { accessKeyId: "LOCALKEY", secretAccessKey: "a-secret-for-the-local-rekognition" };
  const set = (url: string) => rekognitionVariables(url, aws);
  const shown = (findings: readonly Finding[]) =>
    findings.filter(({ id }) => id === "faces").map(({ level, what }) => `${level}: ${what}`);

  it("off, without a legal basis, and with the address of an emulator", async () => {
    const [off, noBasis, emulator] = await Promise.all([
      withSet({}),
      withSet({ REKOGNITION_COLLECTION: "staff" }),
      withSet(set("http://127.0.0.1:1")),
    ]);
    expect(shown(off.findings)).toEqual([expect.stringMatching(/^ok: The handler faces is off/)]);
    expect(shown(noBasis.findings)).toEqual([
      "warning: REKOGNITION_COLLECTION is set, and src/settings.ts names no faces.legalBasis: the handler faces is off",
    ]);
    expect(shown(emulator.findings)).toEqual(["failed: REKOGNITION_ENDPOINT is an address of this machine"]);
    expect(emulator.output).not.toContain(aws.secretAccessKey);
  });

  it("on: wrong variables and prefixes, a key that is rejected, and the collection", async () => {
    const rekognition = await localRekognition({ key: aws, dataDir: null });
    const server = await serve({
      port: 0,
      fetch: async (request) => (await rekognition.fetch(request)) ?? new Response(null, { status: 404 }),
    });
    const check = async (variables: Record<string, string>, changed: Partial<FacesSettings> = {}) => {
      const used = { ...settings, faces: { ...settings.faces, legalBasis: "consent", ...changed } };
      const reading = readConfig(used, "", { ...complete(database.url), ...variables });
      if (!reading.ok || reading.config.faces === null) throw new Error("the handler is off");
      // The emulator stands for AWS.
      const config = { ...reading.config, problems: [], faces: { ...reading.config.faces, isLocal: false } };
      return shown(await checkFaces({ config, settings: used, isLocal: false }));
    };
    try {
      const variables = set(server.url);
      expect(
        await check({ ...variables, REKOGNITION_REGION: "", REKOGNITION_SECRET_ACCESS_KEY: "" }),
      ).toEqual(["failed: REKOGNITION_SECRET_ACCESS_KEY is missing; REKOGNITION_REGION is missing"]);
      expect(await check(variables, { personPrefix: "faceLabel:x" })).toEqual([
        expect.stringMatching(/^failed: .*must not begin with faces\.labelPrefix/),
      ]);
      expect(await check(variables)).toEqual([
        expect.stringMatching(/^ok: .*local-team in local is created with the first training picture/),
      ]);
      await rekognition.collections.create("local-team");
      expect(await check(variables)).toEqual([expect.stringMatching(/^ok: .*local-team in local exists/)]);
      const [denied = ""] = await check({ ...variables, REKOGNITION_SECRET_ACCESS_KEY: "another-secret" });
      expect(denied).toMatch(/^failed: Amazon Rekognition rejects the call: .*InvalidSignatureException/);
      expect(denied).not.toContain("another-secret");
      rekognition.faults.add({ kind: "status", status: 400, body: "AccessDeniedException" });
      expect(await check(variables)).toEqual([expect.stringMatching(/^failed: .*AccessDeniedException/)]);
      // No picture is sent.
      expect(new Set(rekognition.calls.map(({ operation }) => operation))).toEqual(
        new Set(["DescribeCollection"]),
      );
    } finally {
      await server.close();
    }
  });
});
