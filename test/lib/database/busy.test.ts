import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, inject, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import { uploadBody } from "../../support/bodies.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { hasPgBouncer, pooledDatabase } from "../../support/pgbouncer.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { type Site, site } from "../../support/site.ts";

let here: Site;
beforeAll(async () => {
  here = await site();
});
afterAll(() => here.close());
afterEach(() => vi.unstubAllEnvs());

/** Takes the only connection to `url`, as soon as it is free, and gives it back after `ms`. */
async function takeConnection(url: string, ms: number): Promise<{ given: Promise<void> }> {
  // The pooler takes a moment to see that the connection before was closed.
  const client = await vi.waitFor(async () => {
    const next = new pg.Client(url);
    await next.connect();
    return next;
  }, 10_000);
  return { given: new Promise((resolve) => setTimeout(() => client.end().then(resolve), ms)) };
}

async function arriveAt(url: string): Promise<number> {
  configured(url);
  const response = await invoke(notification, signedRequest(uploadBody(), { origin: here.origin }));
  await response.arrayBuffer();
  return response.status;
}

/** A role of the run's server that may have one connection, to the database of `url`. */
async function limitedRole(database: TestDatabase, role: string): Promise<string> {
  await database.db.query(`create role ${role} login password 'limited' connection limit 1`);
  const url = new URL(database.url);
  url.username = role;
  url.password = "limited";
  return url.href;
}

it("a hook waits while the server has no free connection, and records the notification", async () => {
  const database = await realDatabase();
  const role = `limited_${Date.now()}`;
  try {
    const url = await limitedRole(database, role);
    await database.db.query(`grant all on all tables in schema public to ${role}`);
    await database.db.query(`grant all on all sequences in schema public to ${role}`);
    const { given } = await takeConnection(url, 1_500);
    const second = new pg.Client(url);
    await expect(second.connect()).rejects.toMatchObject({ code: "53300" });
    expect(await arriveAt(url)).toBe(200);
    await given;
    const { rows } = await database.db.query("select 1 from notifications");
    expect(rows).toHaveLength(1);
  } finally {
    await database.drop();
    const admin = new pg.Client(inject("postgresUrl"));
    await admin.connect();
    await admin.query(`drop role ${role}`);
    await admin.end();
  }
});

it.skipIf(!hasPgBouncer)("a hook waits while the pooler has no free connection", async () => {
  const database = await pooledDatabase({ maxClients: 1 });
  try {
    await database.db.close();
    const { given } = await takeConnection(database.url, 1_500);
    expect(await arriveAt(database.url)).toBe(200);
    await given;
  } finally {
    await database.drop();
  }
});
