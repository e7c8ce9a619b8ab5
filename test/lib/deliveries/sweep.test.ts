import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Db } from "../../../src/lib/database/pool.ts";
import { type SweepOptions, sweep } from "../../../src/lib/deliveries/sweep.ts";
import { wakeUps } from "../../../src/lib/deliveries/wake-up.ts";
import { blobs, type TestBlobs } from "../../support/blobs.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";

let database: TestDatabase;
let store: TestBlobs;

beforeAll(async () => {
  database = await realDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.query("delete from notifications");
  await database.db.query("delete from paused_handlers");
  await database.db.query("update retention_marks set received_at = default, again_received_at = default");
  store = await blobs();
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await store.stop();
});

/** Between the six-hourly looks. */
const quiet = new Date("2026-03-04T13:20:00Z");

interface Calls {
  statements: number;
  delivered: number;
  nudged: number;
}

async function sweepAt(
  now: Date,
  changed: Partial<SweepOptions> = {},
): Promise<{ swept: Awaited<ReturnType<typeof sweep>>; calls: Calls }> {
  const calls: Calls = { statements: 0, delivered: 0, nudged: 0 };
  const counted: Db = {
    ...database.db,
    query(text, params) {
      calls.statements += 1;
      return database.db.query(text, params);
    },
  };
  const swept = await sweep({
    db: counted,
    wakeUps: wakeUps(),
    now,
    budgetMs: 28_000,
    retention: { days: 30, openDays: 180 },
    drain: async () => 0,
    read: async () => 0,
    erase: async () => 0,
    alert: async () => null,
    search: async () => 0,
    deliver: async () => {
      calls.delivered += 1;
      return 0;
    },
    nudge: async () => {
      calls.nudged += 1;
    },
    ...changed,
  });
  return { swept, calls };
}

async function add(delivery: { state: string; dueIn: string; ageDays?: number }): Promise<string> {
  const { rows } = await database.db.query<{ id: string }>(
    `with n as (insert into notifications (identity, body_sha256, type, body, received_at)
       values (gen_random_uuid()::text, '', 'upload', '{}', now() - $3::int * interval '1 day') returning id)
     insert into deliveries (notification_id, handler, state, due_at, lease_until)
     select id, 'pim', $1, now() + $2::interval, now() + $2::interval from n returning notification_id as id`,
    [delivery.state, delivery.dueIn, delivery.ageDays ?? 0],
  );
  return rows[0]?.id ?? "";
}

describe("a database that sleeps", () => {
  it("is not queried before a scheduled wake-up", async () => {
    await store.put("due/20260304T1321");
    const { swept, calls } = await sweepAt(quiet);
    expect(swept).toEqual({ looked: false });
    expect(calls).toEqual({ statements: 0, delivered: 0, nudged: 0 });
    expect(await store.keys()).toEqual(["due/20260304T1321"]);
  });

  it("is queried at the minute of a key, and the key is deleted when no work is left", async () => {
    await store.put("due/20260304T1320");
    await store.put("due/20260304T1400");
    const { swept, calls } = await sweepAt(quiet);
    expect(swept).toMatchObject({ looked: true, left: false });
    expect(calls.delivered).toBe(1);
    expect(await store.keys()).toEqual(["due/20260304T1400"]);
  });

  it("keeps the key and sends a nudge when work is left", async () => {
    await store.put("due/20260304T1320");
    await add({ state: "due", dueIn: "-1 second" });
    const { swept, calls } = await sweepAt(quiet);
    expect(swept).toMatchObject({ looked: true, left: true });
    expect(calls.nudged).toBe(1);
    expect(await store.keys()).toContain("due/20260304T1320");
  });

  it.each(["2026-03-04T00:00:30Z", "2026-03-04T06:04:59Z", "2026-03-04T12:00:00Z", "2026-03-04T18:02:00Z"])(
    "is checked without a wake-up at %s, every six hours",
    async (at) => {
      expect((await sweepAt(new Date(at))).swept).toMatchObject({ looked: true });
    },
  );

  it("schedules a wake-up for the next due delivery, at least two minutes ahead", async () => {
    await store.put("due/20260304T1320");
    await add({ state: "due", dueIn: "30 seconds" });
    await sweepAt(quiet);
    const [key] = await store.keys();
    const twoMinutes = new Date(Math.ceil((Date.now() + 120_000) / 60_000) * 60_000);
    const minutes = [-60_000, 0].map((late) =>
      new Date(twoMinutes.getTime() + late).toISOString().slice(0, 16).replaceAll(/[-:]/g, ""),
    );
    expect(minutes.map((minute) => `due/${minute}`)).toContain(key);
  });

  it("schedules no wake-up for paused handlers", async () => {
    await store.put("due/20260304T1320");
    await add({ state: "due", dueIn: "30 seconds" });
    await database.db.query("insert into paused_handlers (handler, paused_by) values ('pim', 'test')");
    await sweepAt(quiet);
    expect(await store.keys()).toEqual([]);
  });
});

describe("when Blobs fails", () => {
  it("outside Netlify, nothing throws and the sweep queries the database: delivery does not depend on wake-ups", async () => {
    vi.stubEnv("NETLIFY_BLOBS_CONTEXT", "");
    await expect(wakeUps().schedule(new Date())).resolves.toBeUndefined();
    expect((await sweepAt(quiet)).swept).toMatchObject({ looked: true });
  });

  it("an unresponsive endpoint times out after two seconds", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const context = { siteID: "site", token: "test", edgeURL: url, uncachedEdgeURL: url };
    vi.stubEnv("NETLIFY_BLOBS_CONTEXT", Buffer.from(JSON.stringify(context)).toString("base64"));
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    await wakeUps().schedule(new Date());
    expect(await wakeUps().due(new Date())).toBeNull();
    const lines = warned.mock.calls.flat().filter((line) => String(line).includes("wake-up"));
    expect(lines).toEqual(Array(2).fill(expect.stringContaining("no answer within 2000 ms")));
    warned.mockRestore();
    silent.closeAllConnections();
    silent.close();
  });

  it("a rejected write that the client reports as successful is logged", async () => {
    const refusing = createServer((_request, response) => response.writeHead(403).end()).listen(
      0,
      "127.0.0.1",
    );
    await once(refusing, "listening");
    const address = refusing.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const context = { siteID: "site", token: "test", edgeURL: url, uncachedEdgeURL: url };
    vi.stubEnv("NETLIFY_BLOBS_CONTEXT", Buffer.from(JSON.stringify(context)).toString("base64"));
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    await wakeUps().schedule(new Date());
    expect(warned.mock.calls.flat().join()).toContain("wake-up: schedule failed");
    warned.mockRestore();
    refusing.close();
  });
});

it("writes a heartbeat after each query, for Health", async () => {
  await sweepAt(quiet, { wakeUps: null });
  const { rows } = await database.db.query(
    "select now() - at < interval '1 minute' as fresh from heartbeats where name = 'sweep'",
  );
  expect(rows).toEqual([{ fresh: true }]);
});

it("gives deliveries the time that is left, although the clock is set back while it polls", async () => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  let left = 0;
  await sweepAt(quiet, {
    wakeUps: null,
    drain: async () => {
      vi.advanceTimersByTime(6_000);
      vi.setSystemTime(Date.now() - 3_600_000);
      return 0;
    },
    deliver: async (budgetMs) => {
      left = budgetMs;
      return 0;
    },
  });
  expect(left).toBe(22_000);
});

describe("a database that does not sleep", () => {
  it("is queried on every sweep", async () => {
    const { swept, calls } = await sweepAt(quiet, { wakeUps: null });
    expect(swept).toMatchObject({ looked: true });
    expect(calls.delivered).toBe(1);
  });
});

it("I12 deletes finished notifications after 30 days, but not unfinished ones, nor held and dead ones before their own retention ends", async () => {
  const kept = [
    await add({ state: "done", dueIn: "-29 days", ageDays: 29 }),
    await add({ state: "due", dueIn: "1 hour", ageDays: 31 }),
    await add({ state: "running", dueIn: "1 hour", ageDays: 31 }),
    await add({ state: "held", dueIn: "-31 days", ageDays: 31 }),
    await add({ state: "dead", dueIn: "-31 days", ageDays: 31 }),
  ];
  await add({ state: "done", dueIn: "-31 days", ageDays: 31 });
  await add({ state: "skipped", dueIn: "-31 days", ageDays: 31 });
  const { swept } = await sweepAt(quiet, { wakeUps: null });
  expect(swept).toMatchObject({ forgotten: 2 });
  const { rows } = await database.db.query<{ id: string }>("select id from notifications");
  expect(rows.map(({ id }) => id).sort()).toEqual(kept.sort());
});

it("deletes held and dead notifications 180 days after they ended, unless they were replayed or have open deliveries", async () => {
  const ended = async (id: string, days: number) => {
    await database.db.query(
      "update deliveries set settled_at = now() - $2::int * interval '1 day' where notification_id = $1::uuid",
      [id, days],
    );
    return id;
  };
  const also = async (id: string, state: string, settledDays: number | null) => {
    await database.db.query(
      `insert into deliveries (notification_id, handler, state, settled_at)
       values ($1::uuid, 'email', $2, now() - $3::int * interval '1 day')`,
      [id, state, settledDays],
    );
    return id;
  };
  const dead = { state: "dead", dueIn: "-181 days", ageDays: 400 };
  const kept = [
    await ended(await add(dead), 179),
    await also(await ended(await add(dead), 181), "due", null),
    await also(await ended(await add(dead), 181), "held", 10),
  ];
  await ended(await add(dead), 181);
  await ended(await add({ ...dead, state: "held" }), 181);
  await also(await ended(await add(dead), 181), "done", 300);
  const never = await sweepAt(quiet, { wakeUps: null, retention: { days: 30, openDays: null } });
  expect(never.swept).toMatchObject({ forgotten: 0 });
  const { swept } = await sweepAt(quiet, { wakeUps: null });
  expect(swept).toMatchObject({ forgotten: 3 });
  const { rows } = await database.db.query<{ id: string }>("select id from notifications");
  expect(rows.map(({ id }) => id).sort()).toEqual(kept.sort());
});

it("deletes all that is old in one sweep, however many dead letters stay before it", {
  timeout: 60_000,
}, async () => {
  const addMany = (count: number, state: string, ageDays: number) =>
    database.db.query(
      `with n as (
         insert into notifications (identity, body_sha256, type, body, received_at)
         select gen_random_uuid()::text, '', 'upload', '{}', now() - $3::int * interval '1 day' - i * interval '1 ms'
         from generate_series(1, $1::int) i returning id)
       insert into deliveries (notification_id, handler, state, settled_at) select id, 'pim', $2, now() from n`,
      [count, state, ageDays],
    );
  await addMany(2_500, "dead", 90);
  await addMany(2_500, "done", 60);
  const first = await sweepAt(quiet, { wakeUps: null });
  expect(first.swept).toMatchObject({ forgotten: 2_500 });
  // Each sweep looks again at a thousand of them, and finds those that were replayed.
  await database.db.query(
    `update deliveries set state = 'done' where notification_id in (
       select id from notifications order by received_at desc limit 3)`,
  );
  const counts = [];
  for (let sweeps = 0; sweeps < 4; sweeps += 1) {
    const { swept } = await sweepAt(quiet, { wakeUps: null });
    counts.push("forgotten" in swept ? swept.forgotten : null);
  }
  expect(counts).toEqual([0, 3, 0, 0]);
});

it("leaves the rest of what is old to the next sweep when deliveries took the time", {
  timeout: 60_000,
}, async () => {
  await database.db.query(
    `insert into notifications (identity, body_sha256, type, body, received_at)
     select gen_random_uuid()::text, '', 'upload', '{}', now() - interval '60 days' - i * interval '1 ms' from generate_series(1, 1500) i`,
  );
  const counts = [];
  for (let sweeps = 0; sweeps < 3; sweeps += 1) {
    const { swept } = await sweepAt(quiet, { wakeUps: null, budgetMs: 0 });
    counts.push("forgotten" in swept ? swept.forgotten : null);
  }
  expect(counts).toEqual([1_000, 500, 0]);
});
