import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freePort } from "../../support/free-port.ts";
import { withDatabase } from "../../support/migrate.ts";
import { projectFolder } from "../../support/project-folder.ts";
import { run } from "../../support/run.ts";

const command = ["src/cli/main.ts", "migrate"];
const name = `t_${randomBytes(6).toString("hex")}`;
const role = `r_${randomBytes(6).toString("hex")}`;
const server = new pg.Client(inject("postgresUrl"));
const url = withDatabase(inject("postgresUrl"), name);
let folder: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ path: folder, remove } = await projectFolder());
  await server.connect();
  await server.query(`create database ${name}`);
  await server.query(`create role ${role} login password 'hush-hush'`);
});
afterAll(async () => {
  await server.query(`drop database if exists ${name} with (force)`);
  await server.query(`drop role ${role}`);
  await server.end();
  await remove();
});

const migrate = (env: Record<string, string>, ...args: string[]) => run(folder, [...command, ...args], env);

describe("npm run migrate", () => {
  it("demands a database URL, and touches no other database", async () => {
    const { code, stderr, stdout } = await migrate({ NETLIFY_DB_URL: url });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("DATABASE_URL is not set");
    expect((await server.query("select 1 from pg_database where datname = $1", [name])).rowCount).toBe(1);
  });

  it("names a user without rights, what it needs, and changes nothing", async () => {
    const poor = new URL(url);
    poor.username = role;
    poor.password = "hush-hush";
    const { code, stdout, stderr } = await migrate({ DATABASE_URL: poor.href });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: Nothing was changed\. permission denied.*CREATE on the database/);
    expect(stdout + stderr).not.toContain("hush");
  });

  it("says where and what it applied, of several at once one; the second time nothing", {
    timeout: 60_000,
  }, async () => {
    const all = await Promise.all([1, 2, 3].map(() => migrate({ DATABASE_URL: url })));
    for (const { code, stdout } of all) {
      expect(code).toBe(0);
      expect(stdout).toContain(`Host 127.0.0.1:${new URL(url).port}, database ${name}, user postgres`);
      expect(stdout).not.toContain(":postgres@");
    }
    const applied = all.filter(({ stdout }) => /^Applied \d+:/m.test(stdout));
    expect(applied).toHaveLength(1);
    expect(applied[0]?.stdout).toContain("  0001_notifications\n");
    expect((await migrate({ DATABASE_URL: `psql '${url}'` })).stdout).toContain(
      "Up to date: nothing to apply.",
    );
  });

  it("reads .env, and names what is wrong with the URL", async () => {
    await writeFile(join(folder, ".env"), "DATABASE_URL=https://db.example.com\n");
    const { code, stderr } = await migrate({});
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: DATABASE_URL is not of the form/);
    await writeFile(join(folder, ".env"), "");
  });

  it("says that nothing answers", async () => {
    const nowhere = `postgresql://ada:hush-hush@127.0.0.1:${await freePort()}/shop`;
    const { code, stderr } = await migrate({ DATABASE_URL: nowhere });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("ECONNREFUSED") });
    expect(stderr).not.toContain("hush");
  });

  it("in a build it runs for production alone, where it is switched on", async () => {
    const set = { DATABASE_URL: url, CONTEXT: "production", MIGRATE_ON_BUILD: "true" };
    const off = await migrate({ ...set, MIGRATE_ON_BUILD: "" }, "--build");
    expect(off).toMatchObject({
      code: 0,
      stdout: "No migration in this build: MIGRATE_ON_BUILD is not true.\n",
    });
    const preview = await migrate({ ...set, CONTEXT: "deploy-preview" }, "--build");
    expect(preview).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("deploy-preview, not for production"),
    });
    expect((await migrate(set, "--build")).stdout).toContain("Up to date");
    const missing = await migrate({ ...set, DATABASE_URL: "" }, "--build");
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("DATABASE_URL is not set") });
  });
});
