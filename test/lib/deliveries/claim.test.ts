import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Db } from "../../../src/lib/database/pool.ts";
import { claimBatch } from "../../../src/lib/deliveries/claim-batch.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { earliestDue } from "../../../src/lib/deliveries/earliest-due.ts";
import { replay } from "../../../src/lib/deliveries/operator-acts.ts";
import { releaseFirsts } from "../../../src/lib/deliveries/wait-for-turn.ts";
import { realDatabase, type TestDatabase, waitingForLocks } from "../../support/databases.ts";
import { claimPim, deliverSettings, scripted } from "../../support/deliveries.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase();
});
afterAll(() => database.drop());

/** Adds notifications with one delivery each. */
async function add(count: number, state: "due" | "done", handler = "pim"): Promise<void> {
  await insert(count, state, handler);
  await database.db.query("vacuum analyze deliveries");
  await database.db.query("vacuum analyze notifications");
}

async function insert(count: number, state: "due" | "done", handler: string): Promise<void> {
  await database.db.query(
    `with n as (
       insert into notifications (identity, body_sha256, type, body)
       select gen_random_uuid()::text, '', 'upload', '{}' from generate_series(1, $1::int) returning id)
     insert into deliveries (notification_id, handler, state, due_at) select id, $3, $2, now() - interval '1 minute' from n`,
    [count, state, handler],
  );
}

/** The pages that a call touches, as PostgreSQL counts them: a measure without a clock. */
async function pagesOf(call: (db: Db) => Promise<unknown>): Promise<number> {
  let pages = 0;
  const explaining: Db = {
    ...database.db,
    query: async (text, params) => {
      const { rows } = await database.db.query<{ "QUERY PLAN": [{ Plan: Record<string, number> }] }>(
        `explain (analyze, buffers, format json) ${text}`,
        params,
      );
      const plan = rows[0]?.["QUERY PLAN"][0].Plan;
      pages += (plan?.["Shared Hit Blocks"] ?? 0) + (plan?.["Shared Read Blocks"] ?? 0);
      return { rows: [], rowCount: 0 };
    },
  };
  await call(explaining);
  return pages;
}

/** The pages of a claim of eight, which is undone. */
async function pagesOfAClaim(): Promise<number> {
  const pages = await pagesOf((db) => claimPim(db, { handlers: ["email", "pim"] }));
  await database.db.query(
    "update deliveries set state = 'due', attempts = 0, lease_until = null where state = 'running'",
  );
  await database.db.query("delete from attempts");
  await database.db.query("vacuum analyze deliveries");
  return pages;
}

it("P6 claiming reads the same number of pages with 200 due deliveries as with 20,000 and a history", {
  timeout: 120_000,
}, async () => {
  await add(200, "due");
  const few = await pagesOfAClaim();
  expect(few).toBeGreaterThan(8);
  await add(20_000, "due");
  await add(5_000, "done");
  const many = await pagesOfAClaim();
  expect(many).toBeLessThan(2.5 * few); // Deeper trees; a scan of the backlog would be hundreds of pages.
});

it("the backlog of a paused handler adds nothing to a claim, nor to looking for the next delivery that is due", {
  timeout: 120_000,
}, async () => {
  const claimed = await pagesOfAClaim();
  const looked = await pagesOf(earliestDue);
  await database.db.query("insert into paused_handlers (handler, paused_by) values ('email', 'ada')");
  await add(20_000, "due", "email");
  // It is due before all others.
  await database.db.query("update deliveries set due_at = now() - interval '1 day' where handler = 'email'");
  await database.db.query("vacuum analyze deliveries");
  expect(await pagesOfAClaim()).toBeLessThan(1.5 * claimed);
  expect(await pagesOf(earliestDue)).toBeLessThan(looked + 10);
  const at = await earliestDue(database.db);
  expect(Date.now() - Number(at)).toBeLessThan(60 * 60_000);
  await database.db.query(
    "delete from notifications where id in (select notification_id from deliveries where handler = 'email')",
  );
});

it("concurrent workers claim each delivery once", async () => {
  const claims = await Promise.all(
    Array.from({ length: 40 }, () => claimPim(database.db, { limit: 5, idle: false, maxWorkers: 100 })),
  );
  const ids = claims.flatMap(({ jobs }) => jobs.map(({ deliveryId }) => deliveryId));
  expect(ids.length).toBe(200);
  expect(new Set(ids).size).toBe(200);
});

describe("a claim", () => {
  beforeEach(() => database.db.query("truncate notifications, paused_handlers cascade"));

  /** A due delivery of `pim`, with these columns changed (SQL). Returns its id. */
  async function plan(columns = "waits = 0"): Promise<string> {
    const { rows } = await database.db.query<{ id: string }>(
      `with n as (
         insert into notifications (identity, body_sha256, type, body) values (gen_random_uuid()::text, '', 'upload', '{}') returning id)
       insert into deliveries (notification_id, handler, due_at) select id, 'pim', now() - interval '1 minute' from n returning id`,
    );
    const id = rows[0]?.id ?? "";
    await database.db.query(`update deliveries set ${columns} where id = $1`, [id]);
    return id;
  }

  const lost = (minutes: number, columns = "attempts = 1") =>
    plan(
      `state = 'running', worker = gen_random_uuid(), lease_until = now() - ${minutes} * interval '1 minute', ${columns}`,
    );

  /** The deliveries that a worker claims. */
  async function claimed(changed: Parameters<typeof claimPim>[1] = {}): Promise<string[]> {
    return (await claimPim(database.db, changed)).jobs.map(({ deliveryId }) => deliveryId);
  }

  async function row(id: string) {
    const { rows } = await database.db.query<{
      state: string;
      attempts: number;
      last_error: string | null;
      progress: unknown;
      ended: boolean;
      leaseSeconds: number;
    }>(
      `select state, attempts, last_error, progress, settled_at is not null as ended,
              extract(epoch from lease_until - now())::float8 as "leaseSeconds" from deliveries where id = $1`,
      [id],
    );
    return rows[0];
  }

  it("takes the deliveries that have been due longest, whatever their handler, in that order", async () => {
    const dueFor = (minutes: number, handler: string) =>
      plan(`handler = '${handler}', due_at = now() - ${minutes} * interval '1 minute'`);
    const third = await dueFor(3, "pim");
    const first = await dueFor(5, "pim");
    await dueFor(1, "pim");
    await dueFor(2, "email");
    const second = await dueFor(4, "email");
    expect(await claimed({ handlers: ["email", "pim"], limit: 2 })).toEqual([first, second]);
    expect((await claimed({ handlers: ["email", "pim"] }))[0]).toBe(third);
  });

  it("passes over deliveries that another session has locked, without waiting", async () => {
    const [free, due, expired] = [await plan(), await plan(), await lost(1)];
    const other = new pg.Client(database.url);
    await other.connect();
    await other.query("begin");
    await other.query("select from deliveries where id = any ($1) for update", [[due, expired]]);
    const ending = setTimeout(() => void other.end(), 30_000);
    expect(await claimed()).toEqual([free]);
    clearTimeout(ending);
    await other.end();
  });

  it("of a batch takes over a delivery that is being claimed at the same time, and ends that attempt", async () => {
    const subject = "digest";
    const waiting = `subject = '${subject}', progress = '{"waited": true}'`;
    const [deliveryId, other] = [await plan(waiting), await plan(waiting)];
    expect(await claimed({ limit: 1 })).toEqual([deliveryId]);
    const client = new pg.Client(database.url);
    await client.connect();
    const ending = setTimeout(() => void client.end(), 30_000);
    await client.query("begin");
    const inFlight: Db = {
      ...database.db,
      query: async <R>(text: string, params: readonly unknown[] = []) => {
        const { rows, rowCount } = await client.query(text, [...params]);
        return { rows: rows as R[], rowCount: rowCount ?? 0 };
      },
    };
    expect((await claimPim(inFlight)).jobs).toMatchObject([{ deliveryId: other, attempts: 1 }]);
    const batch = claimBatch({ db: database.db, deliveryId, claimNumber: 1, subject }, 10);
    await expect.poll(() => waitingForLocks(database.db)).toBe(1);
    await client.query("commit");
    clearTimeout(ending);
    await client.end();
    expect(await batch).toMatchObject({ kind: "leader", others: [{ deliveryId: other, attempts: 2 }] });
    const { rows } = await database.db.query(
      "select number, outcome, ended_at is not null as ended from attempts where delivery_id = $1 order by number",
      [other],
    );
    expect(rows).toEqual([
      { number: 1, outcome: "wait", ended: true },
      { number: 2, outcome: null, ended: false },
    ]);
  });

  it("continues a lost delivery in one worker, however many find it", async () => {
    const id = await lost(1);
    const claims = await Promise.all(Array.from({ length: 12 }, () => claimed()));
    expect(claims.flat()).toEqual([id]);
    expect(await row(id)).toMatchObject({ state: "running", attempts: 2 });
  });

  it("continues lost deliveries of its handlers only, the one that was lost first before the others", async () => {
    await lost(9, "handler = 'email'");
    const [second, first, third] = [await lost(5), await lost(7), await lost(3)];
    const order = [];
    for (let claims = 1; claims <= 4; claims += 1) order.push(...(await claimed({ maxWorkers: 9 })));
    expect(order).toEqual([first, second, third]);
  });

  it("counts each other worker with a lease once, and no other delivery", async () => {
    const worker = crypto.randomUUID();
    for (let n = 1; n <= 4; n += 1) await plan();
    expect(await claimed({ worker, limit: 1, maxWorkers: 1 })).toHaveLength(1);
    expect(await claimed({ worker, limit: 2, maxWorkers: 1 })).toHaveLength(2);
    expect(await claimed({ maxWorkers: 1 })).toEqual([]);
    expect(await claimed({ maxWorkers: 2 })).toHaveLength(1);
  });

  it("that puts a delivery on hold takes no place of a worker", async () => {
    const [id, due] = [await lost(1, "sending_at = now(), attempts = 1"), await plan()];
    expect(await claimed()).toEqual([]);
    expect((await row(id))?.state).toBe("held");
    expect(await claimed({ maxWorkers: 1 })).toEqual([due]);
  });

  it("continues a lost delivery only in a worker that has no other, and within the limit of workers", async () => {
    const due = await plan();
    expect(await claimed()).toEqual([due]);
    const id = await lost(1);
    expect(await claimed({ maxWorkers: 1 })).toEqual([]);
    expect(await claimed({ maxWorkers: 2, idle: false }), "beside others").toEqual([]);
    expect(await claimed({ maxWorkers: 2 })).toEqual([id]);
  });

  it.each([
    ["held", "outcome-unknown", "sending_at = now(), attempts = 1"],
    ["dead", "lease-lost", "attempts = 8"],
  ])("ends a lost delivery as %s for good", async (state, last_error, columns) => {
    const id = await lost(1, columns);
    const { jobs, ended } = await claimPim(database.db);
    expect([jobs, ended]).toMatchObject([[], [{ deliveryId: id, lost: true }]]);
    await database.db.query("update deliveries set lease_until = now() - interval '1 second'");
    expect(await claimPim(database.db)).toMatchObject({ jobs: [], ended: [] });
    // Retention counts from then.
    expect(await row(id)).toMatchObject({ state, last_error, ended: true });
  });

  it("does not count waits as tries of a lost delivery", async () => {
    const again = await lost(2, "attempts = 9, waits = 2");
    const dead = await lost(1, "attempts = 9, waits = 1");
    expect(await claimed()).toEqual([again]);
    expect(await claimed()).toEqual([]);
    expect((await row(dead))?.state).toBe("dead");
  });

  it("repeats a request that the other side recognises, and holds it after its last try", async () => {
    const sent = `sending_at = now(), progress = '{"pending": "key", "page": 2}'`;
    const again = await lost(3, `${sent}, attempts = 9, waits = 2`);
    const last = await lost(2, `${sent}, attempts = 9, waits = 1`);
    expect(await claimed()).toEqual([again]);
    expect(await row(again)).toMatchObject({ progress: { pending: "key", page: 2 } });
    expect(await claimed()).toEqual([]);
    expect(await row(last)).toMatchObject({ state: "held", attempts: 9 });
    expect((await row(last))?.progress, "no longer pending").toEqual({ page: 2 });
  });

  it("holds a sent request whose progress names none that is pending", async () => {
    const id = await lost(1, `sending_at = now(), progress = '{"page": 2}'`);
    expect(await claimed()).toEqual([]);
    expect(await row(id)).toMatchObject({ state: "held", progress: { page: 2 } });
  });

  it("leases for the time asked, and keeps the last error until the attempt ends", async () => {
    const [due, broken] = [await plan("last_error = 'PIM away', attempts = 1"), await lost(1)];
    expect(await claimed()).toEqual([broken]);
    expect((await row(broken))?.last_error).toBe("lease-lost");
    const { jobs } = await claimPim(database.db, { leaseMs: 90_000 });
    expect(jobs.map(({ deliveryId }) => deliveryId)).toEqual([due]);
    const leftMs = jobs[0]?.leaseLeftMs();
    expect(leftMs).toBeGreaterThan(60_000);
    expect(leftMs).toBeLessThan(90_000);
    const { last_error, leaseSeconds } = (await row(due)) ?? {};
    expect(last_error).toBe("PIM away");
    expect(leaseSeconds).toBeGreaterThan(60);
    expect(leaseSeconds).toBeLessThan(91);
  });

  it("runs a due delivery although a setting allows fewer tries since", async () => {
    const id = await plan("attempts = 5");
    expect(await claimed({ maxTries: 3 })).toEqual([id]);
  });

  it("of what settles plan, runs one delivery of a subject at a time, and others beside it", async () => {
    const follow = (handler: string, subject: string) =>
      plan(`handler = '${handler}', subject = '${subject}', planned_by = gen_random_uuid()`);
    const handlers = ["pim:webhook", "pim:akeneo"];
    const running = await follow("pim:webhook", "VASE-1");
    expect(await claimed({ handlers })).toEqual([running]);
    const [next, subject, handler] = [
      await follow("pim:webhook", "VASE-1"),
      await follow("pim:webhook", "VASE-2"),
      await follow("pim:akeneo", "VASE-1"),
    ];
    expect((await claimed({ handlers })).sort()).toEqual([subject, handler].sort());
    await database.db.query("update deliveries set state = 'done' where id = $1", [running]);
    expect(await claimed({ handlers })).toEqual([next]);
  });

  it("says which deliveries lost their body to an erasure; those that push the state of a subject need none", async () => {
    const erased = await plan();
    const push = await plan("handler = 'pim:webhook', subject = 'VASE-1', planned_by = gen_random_uuid()");
    await database.db.query("update notifications set erased_at = now()");
    const whole = await plan();
    const { jobs } = await claimPim(database.db, { handlers: ["pim", "pim:webhook"] });
    expect(new Map(jobs.map((job) => [job.deliveryId, job.erased]))).toEqual(
      new Map([
        [erased, true],
        [push, false],
        [whole, false],
      ]),
    );
  });

  it("waits for the assets of a notification to be listed, for a quarter of an hour", async () => {
    const id = await plan();
    await database.db.query(
      "insert into unlisted_notifications (notification_id, noted_at) select notification_id, now() - interval '14 minutes' from deliveries",
    );
    expect(await claimPim(database.db)).toMatchObject({ jobs: [], unlisted: true });
    await database.db.query("update unlisted_notifications set noted_at = now() - interval '16 minutes'");
    expect(await claimPim(database.db)).toMatchObject({
      jobs: [{ deliveryId: id }],
      ended: [],
      unlisted: false,
    });
  });
});

describe("deliveries that run one at a time for each subject (.fifo)", () => {
  const handler = "orders.fifo";
  beforeEach(() => database.db.query("truncate notifications, paused_handlers cascade"));

  /** In order of receipt, for these subjects in turn. */
  async function addOrdered(count: number, subjects: readonly string[]): Promise<void> {
    await database.db.query(
      `with n as (
         insert into notifications (identity, body_sha256, type, body)
         select i::text, '', 'upload', '{}' from generate_series(1, $1::int) i returning id, identity::int as i)
       insert into deliveries (notification_id, handler, subject, created_at, due_at)
       select id, $2, ($3::text[])[i % cardinality($3::text[]) + 1], now() - interval '1 hour' + i * interval '1 ms', now() - interval '1 minute' from n`,
      [count, handler, subjects],
    );
    await database.db.query("vacuum analyze deliveries");
  }

  const claimOrdered = (changed = {}) =>
    claimPim(database.db, { handlers: [handler], maxWorkers: 100, ...changed });

  it("those that wait for their turn add nothing to a claim, nor to looking for the next delivery that is due", async () => {
    const pages: { claim: number; look: number }[] = [];
    for (const count of [20, 2_000]) {
      await database.db.query("truncate notifications, paused_handlers cascade");
      await addOrdered(count, ["chair"]);
      const { jobs } = await claimOrdered();
      expect(jobs).toHaveLength(1);
      await database.db.query("vacuum analyze deliveries");
      pages.push({
        claim: await pagesOf((db) => claimPim(db, { handlers: [handler] })),
        look: await pagesOf(earliestDue),
      });
    }
    const [few, many] = pages;
    expect(many?.claim).toBeLessThan(2 * (few?.claim ?? 0));
    expect(many?.look).toBeLessThan(2 * (few?.look ?? 0));
  });

  it("several workers keep the order by subject, through retries, and leave none behind", {
    timeout: 60_000,
  }, async () => {
    const subjects = ["chair", "table", "lamp"];
    await addOrdered(60, subjects);
    const running = new Set<string | null>();
    const handled: { subject: string | null; id: string }[] = [];
    const work = async () => {
      await deliver({
        db: database.db,
        handlers: [
          scripted(handler, async (notification, { subject, attempt }) => {
            expect(running.has(subject)).toBe(false);
            running.add(subject);
            await sleep(Math.random() * 4);
            running.delete(subject);
            if (attempt === 1 && handled.length % 3 === 0) return { kind: "retry", error: "again" };
            handled.push({ subject, id: notification.id });
            return handled.length % 7 === 0 ? { kind: "give-up", error: "no" } : { kind: "done" };
          }),
        ],
        settings: deliverSettings({ retryDelaysMs: Array(8).fill(0), maxWorkers: 100 }),
        budgetMs: 50_000,
        handlerTimeoutMs: 10_000,
        secondLookMs: 50,
      });
    };
    const open = async () =>
      (await database.db.query("select from deliveries where state in ('due', 'running')")).rowCount;
    for (let round = 0; round < 20 && (await open()) > 0; round += 1)
      await Promise.all([work(), work(), work()]);
    expect(await open()).toBe(0);
    for (const one of subjects) {
      const { rows } = await database.db.query<{ id: string }>(
        "select notification_id as id from deliveries where subject = $1 order by created_at",
        [one],
      );
      expect(handled.filter(({ subject }) => subject === one).map(({ id }) => id)).toEqual(
        rows.map(({ id }) => id),
      );
    }
  });

  it("the next one is due at once when the one in front ends, and with the next sweep when it was deleted", async () => {
    await addOrdered(4, ["chair"]);
    const first = await claimOrdered();
    expect(first.jobs).toHaveLength(1);
    const waiting = async () =>
      (await database.db.query("select from deliveries where due_at = 'infinity'")).rowCount;
    expect(await waiting()).toBe(3);
    await database.db.query("delete from notifications where id = $1", [first.jobs[0]?.notificationId ?? ""]);
    await releaseFirsts(database.db);
    expect(await waiting()).toBe(2);
    const second = await claimOrdered();
    expect(second.jobs).toHaveLength(1);
    await database.db.query("update deliveries set state = 'held' where state = 'running'");
    // A replay of the one that was in front runs before those that still wait.
    await replay(database.db, () => "d.state = 'held'", { who: "ada", reason: "", forget: false, limit: 10 });
    const again = await claimOrdered();
    expect(again.jobs.map(({ deliveryId }) => deliveryId)).toEqual(
      second.jobs.map(({ deliveryId }) => deliveryId),
    );
    await database.db.query("update deliveries set state = 'done' where state = 'running'");
    expect(await waiting()).toBe(1);
    expect((await claimOrdered()).jobs).toHaveLength(1);
  });
});
