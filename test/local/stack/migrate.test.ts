import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { UserError } from "../../../src/cli/user-error.ts";
import { migrate } from "../../../src/local/stack/migrate.ts";
import { freePort } from "../../support/free-port.ts";
import { withDatabase } from "../../support/migrate.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const name = `t_${randomBytes(6).toString("hex")}`;
const server = new pg.Client(inject("postgresUrl"));

beforeAll(async () => {
  await server.connect();
  await server.query(`create database ${name}`);
});
afterAll(async () => {
  await server.query(`drop database ${name} with (force)`);
  await server.end();
});

it("brings the user's own database up to date, even if several stacks start on it at once", async () => {
  const url = withDatabase(inject("postgresUrl"), name);
  const applied = await Promise.all([migrate(root, url), migrate(root, url), migrate(root, url)]);
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect(applied.flat()).toContain("0001_notifications");

  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query("select to_regclass('deliveries') as deliveries");
  await client.end();
  expect(rows).toEqual([{ deliveries: "deliveries" }]);
});

it("reports that the database does not respond, without its password", async () => {
  const nowhere = `postgres://ada:hush-hush@127.0.0.1:${await freePort()}/shop`;
  const refused = await migrate(root, nowhere).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UserError);
  expect(String(refused)).toContain("ECONNREFUSED");
  expect(String(refused)).not.toContain("hush");
});
