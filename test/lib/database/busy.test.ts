import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, inject, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import { readConfig } from "../../../src/config.ts";
import { database as openDatabase } from "../../../src/lib/database/pool.ts";
import { receive } from "../../../src/lib/receive/receive.ts";
import { respond } from "../../../src/lib/receive/respond.ts";
import { settings } from "../../../src/settings.ts";
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

/** Takes the only connection to `url`, as soon as it is free. */
async function takeConnection(url: string): Promise<pg.Client> {
  // The server takes a moment to see that the connection before was closed.
  return await vi.waitFor(async () => {
    const client = new pg.Client(url);
    await client.connect();
    return client;
  }, 30_000);
}

/** How a hook answers that begins while somebody has the only connection, and goes on when it is given back. */
async function arriveWhileTaken(url: string, taken: pg.Client): Promise<number> {
  const answered = arriveAt(url);
  await sleep(1_500);
  await taken.end();
  return await answered;
}

async function arriveAt(url: string): Promise<number> {
  configured(url);
  const response = await invoke(notification, signedRequest(uploadBody(), { origin: here.origin }));
  await response.arrayBuffer();
  return response.status;
}

/** With a role of the run's server that may have one connection, to a database of its own. */
async function withLimitedRole(test: (url: string, database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await realDatabase();
  const role = `limited_${Date.now()}`;
  try {
    await database.db.query(`create role ${role} login password 'limited' connection limit 1`);
    await database.db.query(`grant all on all tables in schema public to ${role}`);
    await database.db.query(`grant all on all sequences in schema public to ${role}`);
    const url = new URL(database.url);
    url.username = role;
    url.password = "limited";
    await test(url.href, database);
  } finally {
    await database.drop();
    const admin = new pg.Client(inject("postgresUrl"));
    await admin.connect();
    await admin.query(`drop role ${role}`);
    await admin.end();
  }
}

it("a hook waits while the server has no free connection, and records the notification", async () => {
  await withLimitedRole(async (url, database) => {
    const taken = await takeConnection(url);
    const second = new pg.Client(url);
    await expect(second.connect()).rejects.toMatchObject({ code: "53300" });
    expect(await arriveWhileTaken(url, taken)).toBe(200);
    const { rows } = await database.db.query("select 1 from notifications");
    expect(rows).toHaveLength(1);
  });
});

it("a hook answers 503 when no connection becomes free in time, and records what is sent again", async () => {
  await withLimitedRole(async (url, database) => {
    configured(url);
    const reading = readConfig(settings, "production");
    if (!reading.ok) throw new Error("not configured");
    const { config } = reading;
    const body = uploadBody();
    const answerWithin = async (recordTimeoutMs: number) => {
      const db = openDatabase({ url, max: 1, timeoutMs: recordTimeoutMs });
      const outcome = await receive(signedRequest(body, { origin: here.origin }), {
        config,
        settings: { ...settings, receive: { ...settings.receive, recordTimeoutMs } },
        db,
        expects: [],
        source: "webhook",
      });
      await db.close();
      return respond(outcome).status;
    };
    const taken = await takeConnection(url);
    expect(await answerWithin(1_000)).toBe(503);
    await taken.end();
    expect(await answerWithin(30_000)).toBe(200);
    const { rows } = await database.db.query("select times_seen from notifications");
    expect(rows).toEqual([{ times_seen: 1 }]);
  });
});

it.skipIf(!hasPgBouncer)("a hook waits while the pooler has no free connection", async () => {
  const database = await pooledDatabase({ maxClients: 1 });
  try {
    await database.db.close();
    const taken = await takeConnection(database.url);
    expect(await arriveWhileTaken(database.url, taken)).toBe(200);
  } finally {
    await database.drop();
  }
});
