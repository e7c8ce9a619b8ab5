import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Db } from "../../../src/lib/database/pool.ts";
import { type DeliverOptions, deliver } from "../../../src/lib/deliveries/deliver.ts";
import type { Follow, Handler, Settlement } from "../../../src/lib/deliveries/handler.ts";
import { settle, settleAll } from "../../../src/lib/deliveries/settle.ts";
import { send } from "../../../src/lib/outgoing/request.ts";
import { postSigned } from "../../../src/lib/outgoing/signed-webhook.ts";
import { listAssets } from "../../../src/lib/receive/list-assets.ts";
import { conceal } from "../../../src/lib/shared/redact.ts";
import { type Answering, type Receiver, receiver } from "../../handlers/pim-webhook/receiver.ts";
import { uploadBody } from "../../support/bodies.ts";
import { embeddedDatabase, realDatabase, type TestDatabase } from "../../support/databases.ts";
import {
  arrive,
  attemptsOf,
  claimPim,
  deliveriesOf,
  deliverSettings,
  endLeases,
  exchangesOf,
  makeDue,
  scripted,
} from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { freePort } from "../../support/free-port.ts";
import { type Site, site } from "../../support/site.ts";

const done = (name: string) => scripted(name, () => ({ kind: "done", result: { by: name } }));

describe.each<[string, () => Promise<TestDatabase>]>([
  ["PostgreSQL", realDatabase],
  ["PGlite as netlify dev runs it", embeddedDatabase],
])("deliver on %s", (_name, open) => {
  let database: TestDatabase;
  let db: Db;
  let here: Site;

  beforeAll(async () => {
    database = await open();
    db = database.db;
    here = await site();
  });
  afterAll(async () => {
    await here.close();
    await database.drop();
  });
  beforeEach(async () => {
    configured(database.url);
    await db.query("delete from notifications");
    await db.query("delete from paused_handlers");
  });
  afterEach(() => vi.unstubAllEnvs());

  /** An upload is routed to pim and moderation. */
  const arriveUpload = (changed: Record<string, unknown> = {}) => arrive(uploadBody(changed), here.origin);

  const run = (handlers: Handler[], changed: Partial<DeliverOptions> = {}) =>
    deliver({
      db,
      handlers,
      settings: deliverSettings(),
      budgetMs: 60_000,
      handlerTimeoutMs: 30_000,
      secondLookMs: 0,
      random: () => 0.5,
      ...changed,
    });

  describe("a notification that names thousands of assets", () => {
    const many = 6_500;
    const named = (version: number) => ({
      notification_type: "delete",
      timestamp: new Date().toISOString(),
      resources: Array.from({ length: many }, (_, n) => ({
        resource_type: "image",
        type: "upload",
        asset_id: n.toString(16).padStart(32, "0"),
        public_id: `shelf/${n}`,
        version: version + n,
      })),
    });
    const count = async (table: string) =>
      (await db.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]?.n;

    it("is recorded without them, and a worker lists them before it claims anything", async () => {
      const body = named(1_760_000_000);
      const id = await arrive(body, here.origin);
      expect([await count("notification_asset"), await count("unlisted_notifications")]).toEqual([0, 1]);
      expect(await deliveriesOf(db, id)).toMatchObject([{ handler: "pim", state: "due" }]);
      expect((await claimPim(db)).jobs).toEqual([]);
      const seen: unknown[] = [];
      const pim = scripted("pim", async () => {
        seen.push(await count("notification_asset"));
        return { kind: "done", result: {} };
      });
      await run([pim]);
      expect(seen).toEqual([many]);
      expect(await count("unlisted_notifications")).toBe(0);
      const { rows } = await db.query(
        `select asset_id, public_id, version::int from notification_asset
         where notification_id = $1::uuid and public_id in ('shelf/0', 'shelf/4999', 'shelf/5000', 'shelf/6499') order by version`,
        [id],
      );
      expect(rows).toEqual(
        [0, 4_999, 5_000, 6_499].map((n) => {
          const { asset_id, public_id, version } = body.resources[n] ?? {};
          return { asset_id, public_id, version };
        }),
      );
      expect(await arrive(body, here.origin)).toBe(id);
      expect([await count("notification_asset"), await count("unlisted_notifications")]).toEqual([many, 0]);
    });

    it("workers at once list each of them once", async () => {
      await arrive(named(1_770_000_000), here.origin);
      const lists = Array.from({ length: 3 }, () => listAssets(db, deliverSettings(), 50_000));
      for (const { complete } of await Promise.all(lists)) expect(complete).toBe(true);
      expect(await count("notification_asset")).toBe(many);
    });

    it("a worker continues where another one stopped", async () => {
      await arrive(named(1_780_000_000), here.origin);
      // Stops before its second batch.
      const stopping: Db = {
        ...db,
        async query<R>(...asked: Parameters<Db["query"]>) {
          if (asked[1]?.[1] === 5_000) throw new Error("stopped");
          return await db.query<R>(...asked);
        },
      };
      await expect(listAssets(stopping, deliverSettings(), 20_000)).rejects.toThrow("stopped");
      expect(await count("notification_asset")).toBe(5_000);
      expect((await claimPim(db)).jobs).toEqual([]);
      expect(await listAssets(db, deliverSettings(), 50_000)).toEqual({ complete: true, any: true });
      expect(await count("notification_asset")).toBe(many);
      expect((await claimPim(db)).jobs).toHaveLength(1);
    });
  });

  it("runs each handler once and stores its result", async () => {
    const id = await arriveUpload();
    const handlers = [done("pim"), done("moderation")];
    expect(await run(handlers)).toBe(2);
    expect(await deliveriesOf(db, id)).toMatchObject([
      {
        handler: "moderation",
        state: "done",
        attempts: 1,
        result: { by: "moderation" },
        last_error: null,
        lease_until: null,
      },
      { handler: "pim", state: "done", attempts: 1, result: { by: "pim" } },
    ]);
    expect(await run(handlers)).toBe(0);
    expect(handlers.map(({ calls }) => calls.length)).toEqual([1, 1]);
    const [delivery] = await deliveriesOf(db, id);
    expect(await attemptsOf(db, delivery?.id ?? "")).toEqual([
      { number: 1, outcome: "done", error: null, ended: true },
    ]);
  });

  it("a successful delivery takes three statements: record, claim, settle", async () => {
    await arriveUpload();
    const statements: string[] = [];
    const counted: Db = {
      ...db,
      async query<R>(...asked: Parameters<Db["query"]>) {
        const result = await db.query<R>(...asked);
        const isClaim = asked[0].includes("fresh as (");
        const isEmpty = isClaim && Object(result.rows[0]).deliveryId === null;
        statements.push(isEmpty ? "empty look" : isClaim ? "claim" : asked[0]);
        return result;
      },
    };
    await run([done("pim")], { db: counted });
    // A worker whose delivery takes longer than a second looks again meanwhile.
    const worked = statements.filter((text) => text !== "empty look");
    expect(worked).toEqual(["claim", expect.stringContaining("settled as (")]);
    expect(statements.slice(-2)).toEqual(["empty look", "empty look"]);
  });

  describe("a failed attempt", () => {
    // Real errors: each comes out of what a handler could call.
    const hopeless: [string, RegExp, (db: Db) => unknown][] = [
      [
        "a date out of range (22)",
        /^the database rejects a value/,
        () => db.query("select '2024-02-30'::date"),
      ],
      [
        "NUL in JSON (22)",
        /^the database rejects a value/,
        () => db.query(`select '{"a":"\\u0000"}'::jsonb->>'a'`),
      ],
      [
        "a broken constraint (23)",
        /^the database rejects a value/,
        () => db.query("insert into pim_asset (asset_id) values ('')"),
      ],
      [
        "a limit of the program (54)",
        /^the database rejects a value/,
        () =>
          db.query("insert into paused_handlers (handler, paused_by) values ($1, 'ada')", [
            randomBytes(6_000).toString("base64"),
          ]),
      ],
      ["a value of another kind", /^TypeError: /, () => Reflect.get(Object(undefined), "x").y],
      ["a value out of range", /^RangeError: /, () => new Date(Number.NaN).toISOString()],
    ];
    it.each(hopeless)("on %s is dead at once, with the reason", async (_what, reason, fail) => {
      const id = await arriveUpload();
      await run([
        scripted("pim", async () => {
          await fail(db);
          return { kind: "done" };
        }),
        done("moderation"),
      ]);
      const [, pim] = await deliveriesOf(db, id);
      expect(pim).toMatchObject({ state: "dead", attempts: 1, last_error: expect.stringMatching(reason) });
    });

    const passing: [string, () => Promise<unknown>][] = [
      [
        "a connection that nobody takes, which fetch reports as a TypeError",
        async () => await fetch(`http://127.0.0.1:${await freePort()}/`),
      ],
      [
        "a lack of resources (53)",
        () => db.query("do $$ begin raise exception 'too many connections' using errcode = '53300'; end $$"),
      ],
      [
        "a database that shuts down (57)",
        () => db.query("do $$ begin raise exception 'shutting down' using errcode = '57P03'; end $$"),
      ],
      [
        "a deadlock (40)",
        () => db.query("do $$ begin raise exception 'deadlock' using errcode = '40P01'; end $$"),
      ],
    ];
    it.each(passing)("on %s is retried", async (_what, fail) => {
      const id = await arriveUpload();
      await run([
        scripted("pim", async () => {
          await fail();
          return { kind: "done" };
        }),
        done("moderation"),
      ]);
      const [, pim] = await deliveriesOf(db, id);
      expect(pim).toMatchObject({ state: "due", attempts: 1 });
    });

    it("to store its outcome is dead at once, because the handler would produce the same outcome again", async () => {
      const id = await arriveUpload();
      const subject = randomBytes(6_000).toString("base64");
      const pim = scripted("pim", () => ({ kind: "done", follow: [{ handler: "pim:webhook", subject }] }));
      const startedAt = Date.now();
      await run([pim, done("moderation")]);
      const [, delivery] = await deliveriesOf(db, id);
      expect(delivery).toMatchObject({
        state: "dead",
        attempts: 1,
        last_error: expect.stringMatching(/^the database rejects the outcome of the handler: .*index/),
      });
      expect(Date.now() - startedAt).toBeLessThan(30_000); // Half of the lease, until the end of which it would be tried.
      expect(pim.calls).toHaveLength(1);
    });
  });

  it("passes the parsed notification and the delivery's id to the handler", async () => {
    const id = await arriveUpload({ public_id: "desk" });
    let seen: unknown;
    const pim = scripted("pim", (notification) => {
      seen = notification;
      return { kind: "done" };
    });
    await run([pim]);
    expect(seen).toMatchObject({
      id,
      source: "webhook",
      cloud: "demo",
      byPublicHook: false,
      content: { type: "upload" },
    });
    const [, delivery] = await deliveriesOf(db, id);
    expect(pim.calls[0]).toMatchObject({
      deliveryId: delivery?.id,
      attempt: 1,
      progress: null,
      subject: null,
    });
  });

  it("P4 a failing handler does not repeat the other handlers", async () => {
    const id = await arriveUpload();
    const moderation = done("moderation");
    const pim = scripted("pim", () => ({ kind: "retry", error: "PIM away" }));
    await run([moderation, pim]);
    await makeDue(db);
    await run([moderation, pim]);
    expect([moderation.calls.length, pim.calls.length]).toEqual([1, 2]);
    expect(await deliveriesOf(db, id)).toMatchObject([
      { handler: "moderation", state: "done", attempts: 1 },
      { handler: "pim", state: "due", attempts: 2, last_error: "PIM away" },
    ]);
  });

  it("P2 P5 waits 30 s, 5 min, 30 min, 2 h, 6 h, 12 h, 24 h between attempts, and is dead after the eighth", async () => {
    const id = await arriveUpload();
    const pim = scripted("pim", () => ({ kind: "retry", error: "PIM away" }));
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await run([pim]);
      const { rows } = await db.query<{ seconds: number }>(
        `select extract(epoch from d.due_at - a.ended_at)::float8 as seconds from deliveries d
         join attempts a on a.delivery_id = d.id and a.number = d.attempts where d.handler = 'pim' and d.state = 'due'`,
      );
      waits.push(...rows.map(({ seconds }) => seconds));
      await makeDue(db);
    }
    expect(waits).toEqual([30, 300, 1_800, 7_200, 21_600, 43_200, 86_400]);
    const [, delivery] = await deliveriesOf(db, id);
    expect(delivery).toMatchObject({ state: "dead", attempts: 8, last_error: "PIM away" });
    expect((await attemptsOf(db, delivery?.id ?? "")).map(({ outcome }) => outcome)).toEqual([
      ...Array(7).fill("retry"),
      "dead",
    ]);
    expect(await run([pim])).toBe(0);
    expect(pim.calls).toHaveLength(8);
  });

  it("P1 respects Retry-After, up to a day", async () => {
    const id = await arriveUpload();
    await run([
      scripted("pim", () => ({ kind: "retry", error: "429", afterMs: 90_000 })),
      scripted("moderation", () => ({ kind: "retry", error: "420", afterMs: 10 * 86_400_000 })),
    ]);
    const [moderation, pim] = await deliveriesOf(db, id);
    expect(pim?.dueInMs).toBeGreaterThan(60_000);
    expect(pim?.dueInMs).toBeLessThan(90_000 * 1.2);
    expect(moderation?.dueInMs).toBeGreaterThan(86_000_000);
    expect(moderation?.dueInMs).toBeLessThan(86_400_000 * 1.2);
  });

  it("P3 does not retry permanent errors", async () => {
    const id = await arriveUpload();
    await run([scripted("pim", () => ({ kind: "give-up", error: "422: unknown attribute" }))]);
    const [, delivery] = await deliveriesOf(db, id);
    expect(delivery).toMatchObject({ state: "dead", attempts: 1, last_error: "422: unknown attribute" });
    expect(await attemptsOf(db, delivery?.id ?? "")).toMatchObject([{ outcome: "dead" }]);
  });

  it("X10 a body that does not match its schema is dead with the path, and other deliveries continue", async () => {
    const spoiled = await arriveUpload({ public_id: null });
    const good = await arriveUpload();
    const pim = done("pim");
    await run([pim]);
    const [, dead] = await deliveriesOf(db, spoiled);
    expect(dead).toMatchObject({ state: "dead", attempts: 1 });
    expect(dead?.last_error).toMatch(/^schema: .*public_id/);
    expect((await deliveriesOf(db, good))[1]).toMatchObject({ state: "done" });
    expect(pim.calls).toHaveLength(1);
  });

  it("`wait` counts no try, and progress reaches the next attempt", async () => {
    const id = await arriveUpload();
    const pim = scripted("pim", (_notification, { attempt, progress }) =>
      progress === null
        ? { kind: "wait", until: new Date(Date.now() + 60_000), progress: { page: 2 } }
        : { kind: "done", result: { attempt, progress } },
    );
    await run([pim]);
    const [, waiting] = await deliveriesOf(db, id);
    expect(waiting).toMatchObject({ state: "due", attempts: 1, waits: 1 });
    expect(waiting?.dueInMs).toBeGreaterThan(30_000);
    expect(waiting?.dueInMs).toBeLessThanOrEqual(60_000);
    await makeDue(db);
    await run([pim]);
    expect((await deliveriesOf(db, id))[1]).toMatchObject({
      state: "done",
      result: { attempt: 1, progress: { page: 2 } },
    });
  });

  it("`hold` and `skip` end it with their reason", async () => {
    const id = await arriveUpload();
    await run([
      scripted("pim", () => ({ kind: "hold", reason: "replaced-since" })),
      scripted("moderation", () => ({ kind: "skip", reason: "nothing-to-do" })),
    ]);
    expect(await deliveriesOf(db, id)).toMatchObject([
      { handler: "moderation", state: "skipped", last_error: "nothing-to-do" },
      { handler: "pim", state: "held", last_error: "replaced-since" },
    ]);
    const attempts = (await deliveriesOf(db, id)).map(async (delivery) => await attemptsOf(db, delivery.id));
    expect(await Promise.all(attempts)).toMatchObject([[{ outcome: "skipped" }], [{ outcome: "held" }]]);
    expect(await run([done("pim"), done("moderation")])).toBe(0);
  });

  it("a thrown error is retried, and its message is stored without secrets and addresses", async () => {
    const id = await arriveUpload();
    await run([
      scripted("pim", () => {
        throw new Error(
          "refused ada.lovelace@example.com with t3st-Secret_of-27-characters at postgres://me:hidden@db",
        );
      }),
    ]);
    const [, delivery] = await deliveriesOf(db, id);
    expect(delivery).toMatchObject({ state: "due", attempts: 1 });
    expect(delivery?.last_error).toContain("a…@example.com");
    expect(delivery?.last_error).not.toMatch(/lovelace|t3st-Secret|hidden/);
  });

  it("I3 finishes the deliveries of a worker that crashed after the claim", async () => {
    const id = await arriveUpload();
    const died = await claimPim(db);
    expect(died.jobs).toHaveLength(1);
    const pim = done("pim");
    expect(await run([pim])).toBe(0); // The lease holds.
    await endLeases(db);
    expect(await run([pim])).toBe(1);
    const [, delivery] = await deliveriesOf(db, id);
    expect(delivery).toMatchObject({ state: "done", attempts: 2 });
    expect(await attemptsOf(db, delivery?.id ?? "")).toEqual([
      { number: 1, outcome: "lost", error: null, ended: true },
      { number: 2, outcome: "done", error: null, ended: true },
    ]);
  });

  it("I4 holds a delivery that a crashed worker had marked as sending", async () => {
    const id = await arriveUpload();
    const { jobs } = await claimPim(db);
    await db.query("update deliveries set sending_at = now() where id = $1", [jobs[0]?.deliveryId ?? ""]);
    await endLeases(db);
    const pim = done("pim");
    expect(await run([pim])).toBe(0);
    expect(pim.calls).toHaveLength(0);
    expect((await deliveriesOf(db, id))[1]).toMatchObject({
      state: "held",
      last_error: "outcome-unknown",
      attempts: 1,
    });
  });

  it("a delivery that always crashes its worker is dead after eight leases, and is not run again", async () => {
    const id = await arriveUpload();
    const take = () => claimPim(db);
    for (let lease = 1; lease <= 8; lease += 1) {
      expect((await take()).jobs).toMatchObject([{ attempts: lease, lost: lease > 1 }]);
      await endLeases(db);
    }
    expect(await run([done("pim")])).toBe(0);
    expect((await deliveriesOf(db, id))[1]).toMatchObject({
      state: "dead",
      attempts: 8,
      last_error: "lease-lost",
    });
  });

  it("runs deliveries with an expired lease one at a time, before the others and in isolation", async () => {
    for (let i = 0; i < 4; i += 1) await arriveUpload();
    await claimPim(db, { limit: 3 });
    await endLeases(db);
    let beside = 0;
    const sizes: number[] = [];
    const pim = scripted("pim", async () => {
      beside += 1;
      sizes.push(beside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      beside -= 1;
      return { kind: "done" };
    });
    await run([
      pim,
      scripted("moderation", async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { kind: "done" };
      }),
    ]);
    expect(sizes.slice(0, 3)).toEqual([1, 1, 1]);
    expect(pim.calls).toHaveLength(4);
  });

  it("two workers: the late settle of the one that lost its lease changes nothing", async () => {
    const id = await arriveUpload();
    const slow = await claimPim(db);
    await endLeases(db);
    await run([done("pim")]);
    const before = await deliveriesOf(db, id);
    expect(before[1]).toMatchObject({ state: "done", attempts: 2, result: { by: "pim" } });
    const [job] = slow.jobs;
    if (!job) throw new Error("the first worker claimed nothing");
    const options = { settings: deliverSettings().deliver, random: () => 0.5 };
    expect(await settle(db, { job, settlement: { kind: "retry", error: "late" } }, options)).toBe(
      "lease-lost",
    );
    const strip = (rows: typeof before) => rows.map(({ dueInMs: _, ...row }) => row);
    expect(strip(await deliveriesOf(db, id))).toEqual(strip(before));
  });

  it("two workers: a settle of the old claim changes nothing while the new one runs", async () => {
    const id = await arriveUpload();
    const take = () => claimPim(db);
    const [old] = (await take()).jobs;
    await endLeases(db);
    const [current] = (await take()).jobs;
    if (!old || !current) throw new Error("nothing was claimed");
    const options = { settings: deliverSettings().deliver, random: () => 0.5 };
    expect(await settle(db, { job: old, settlement: { kind: "done", result: "stale" } }, options)).toBe(
      "lease-lost",
    );
    expect((await deliveriesOf(db, id))[1]).toMatchObject({ state: "running", attempts: 2, result: null });
    expect(await settle(db, { job: current, settlement: { kind: "done", result: "fresh" } }, options)).toBe(
      "settled",
    );
    expect((await deliveriesOf(db, id))[1]).toMatchObject({ state: "done", result: "fresh" });
  });

  it("a handler that lost its lease cannot mark itself as sending", async () => {
    const id = await arriveUpload();
    const pim = scripted("pim", async (_notification, context) => {
      await db.query("update deliveries set attempts = attempts + 1 where id = $1", [context.deliveryId]); // Another worker's claim.
      await context.markSending();
      return { kind: "done" };
    });
    await run([pim]);
    expect((await deliveriesOf(db, id))[1]).toMatchObject({ state: "running", sending_at: null });
  });

  it("a handler past its deadline is retried, or held if it had marked itself as sending", async () => {
    const id = await arriveUpload();
    const never = () => new Promise<never>(() => {});
    const marked = Promise.withResolvers<void>();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const running = run([
        scripted("pim", never),
        scripted("moderation", async (_notification, context) => {
          await context.markSending();
          marked.resolve();
          return await never();
        }),
      ]);
      await marked.promise;
      await vi.advanceTimersByTimeAsync(30_000);
      vi.useRealTimers();
      await running;
    } finally {
      vi.useRealTimers();
    }
    const [moderation, pim] = await deliveriesOf(db, id);
    expect(pim).toMatchObject({
      state: "due",
      last_error: "deadline: the handler took longer than 30000 ms",
    });
    expect(moderation).toMatchObject({ state: "held", last_error: "outcome-unknown" });
    expect(moderation?.sending_at).toBeInstanceOf(Date);
  });

  it("does not continue a delivery of a paused handler whose worker crashed", async () => {
    const id = await arriveUpload();
    expect((await claimPim(db)).jobs).toHaveLength(1);
    await endLeases(db);
    await db.query("insert into paused_handlers (handler, paused_by) values ('pim', 'test')");
    expect(await run([done("pim")])).toBe(0);
    await db.query("delete from paused_handlers");
    expect(await run([done("pim")])).toBe(1);
    expect((await deliveriesOf(db, id))[1]).toMatchObject({ handler: "pim", state: "done", attempts: 2 });
  });

  it("claims no deliveries of paused or unknown handlers", async () => {
    const id = await arriveUpload();
    await db.query("insert into paused_handlers (handler, paused_by) values ('pim', 'test')");
    expect(await run([done("pim"), done("other")])).toBe(0);
    await db.query("delete from paused_handlers");
    expect(await run([done("pim"), done("other")])).toBe(1);
    expect(await deliveriesOf(db, id)).toMatchObject([
      { handler: "moderation", state: "due", attempts: 0 },
      { handler: "pim", state: "done" },
    ]);
  });

  it("stops when four other workers hold leases", async () => {
    for (let i = 0; i < 6; i += 1) await arriveUpload();
    const take = () => claimPim(db, { limit: 1 });
    for (let worker = 1; worker <= 4; worker += 1) expect((await take()).jobs).toHaveLength(1);
    expect(await run([done("pim")])).toBe(0);
    await endLeases(db);
    expect(await run([done("pim")])).toBe(6);
  });

  it("claims nothing when less than a handler's deadline is left", async () => {
    await arriveUpload();
    expect(await run([done("pim")], { budgetMs: 29_000, handlerTimeoutMs: 30_000 })).toBe(0);
    expect(await run([done("pim")], { budgetMs: 31_000, handlerTimeoutMs: 30_000 })).toBe(1);
  });

  it("never runs more deliveries concurrently than the settings allow", async () => {
    for (let i = 0; i < 12; i += 1) await arriveUpload();
    let beside = 0;
    let most = 0;
    const pim = scripted("pim", async () => {
      beside += 1;
      most = Math.max(most, beside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      beside -= 1;
      return { kind: "done" };
    });
    await run([pim], { settings: deliverSettings({ concurrency: 3 }) });
    expect(pim.calls).toHaveLength(12);
    expect(most).toBe(3);
  });

  it("gives back what it claimed ahead when long deliveries hold it up, so that another worker takes it", async () => {
    for (let i = 0; i < 24; i += 1) await arriveUpload();
    const long: (() => void)[] = [];
    const pim = scripted("pim", async () => {
      if ([13, 14].includes(pim.calls.length)) await new Promise<void>((resolve) => long.push(resolve));
      return { kind: "done" };
    });
    const settings = deliverSettings({ concurrency: 2 });
    const first = run([pim], { settings });
    await expect.poll(() => long.length, { timeout: 30_000 }).toBe(2);
    const open = async () =>
      (await db.query("select state, lease_until from deliveries where handler = 'pim' and state <> 'done'"))
        .rows;
    await expect
      .poll(
        async () => {
          await run([pim], { settings });
          return (await open()).length;
        },
        { timeout: 30_000, interval: 250 },
      )
      .toBe(2);
    for (const end of long) end();
    await first;
    expect(await open()).toEqual([]);
    expect(pim.calls).toHaveLength(24);
  });

  /** The first settles find no connection, as many as `failures`. */
  const failingSettles = (failures: number): Db => {
    let left = failures;
    return {
      ...db,
      query: (text, params) => {
        if (!text.includes("settled as (") || left === 0) return db.query(text, params);
        left -= 1;
        return Promise.reject(Object.assign(new Error("too many clients already"), { code: "53300" }));
      },
    };
  };

  it("a settle without a connection is retried, because the effect has happened", async () => {
    const id = await arriveUpload();
    const shaky = failingSettles(3);
    const pim = done("pim");
    await run([pim], { db: shaky });
    expect((await deliveriesOf(db, id))[1]).toMatchObject({ state: "done", attempts: 1 });
    expect(pim.calls).toHaveLength(1);
  });

  it("a clock that is three hours ahead does not prevent the retry of a settle", async () => {
    const id = await arriveUpload();
    const shaky = failingSettles(1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3 * 3_600_000 });
    try {
      await run([done("pim")], { db: shaky });
    } finally {
      vi.useRealTimers();
    }
    expect((await deliveriesOf(db, id))[1]).toMatchObject({ state: "done", attempts: 1 });
  });

  /** A claim fails while a handler runs, as often as `failures` says; `onFailure` is called each time. */
  const failingClaims = (failures: number, onFailure = () => {}): Db => {
    let [claims, left] = [0, failures];
    return {
      ...db,
      query: (text, params) => {
        if (!text.includes("fresh as (")) return db.query(text, params);
        claims += 1;
        if (claims === 1 || left === 0) return db.query(text, params);
        left -= 1;
        onFailure();
        return Promise.reject(Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" }));
      },
    };
  };
  const slowly = () =>
    scripted("pim", async () => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return { kind: "done" };
    });

  it("a failed claim is retried, and running deliveries finish", async () => {
    const ids = [await arriveUpload(), await arriveUpload()];
    const settings = deliverSettings({ concurrency: 2 });
    const third = await arriveUpload();
    expect(await run([slowly()], { db: failingClaims(2), settings })).toBe(3);
    for (const id of [...ids, third])
      expect((await deliveriesOf(db, id))[1]).toMatchObject({ state: "done" });
  });

  it("a worker whose claims fail until its time is up first waits for running deliveries", async () => {
    const [first, second] = [await arriveUpload(), await arriveUpload()];
    const pim = scripted("pim", async () => {
      if (pim.calls.length === 2) await new Promise((resolve) => setTimeout(resolve, 900));
      return { kind: "done" };
    });
    // Each failed claim takes half a minute.
    vi.useFakeTimers({ toFake: ["Date"] });
    const away = failingClaims(1_000, () => vi.setSystemTime(Date.now() + 30_000));
    try {
      await expect(run([pim], { db: away, budgetMs: 90_000 })).rejects.toThrow("connection refused");
    } finally {
      vi.useRealTimers();
    }
    for (const id of [first, second])
      expect((await deliveriesOf(db, id))[1]).toMatchObject({ state: "done", attempts: 1 });
  });

  it("a settle plans one due row for each handler and subject, and a retry yields to a newer row", async () => {
    const first = await arriveUpload();
    const second = await arriveUpload();
    const pim = scripted("pim", () => ({
      kind: "done",
      follow: [{ handler: "pim:push", subject: "SKU-1" }],
    }));
    await run([pim]);
    const planned = async () =>
      [...(await deliveriesOf(db, first)), ...(await deliveriesOf(db, second))].filter(
        ({ handler }) => handler === "pim:push",
      );
    expect(await planned()).toMatchObject([{ state: "due", subject: "SKU-1" }]);
    // While it runs, a newer notification plans the next.
    const push = scripted("pim:push", async () => {
      if (push.calls.length === 1) {
        await arriveUpload();
        await run([pim]);
        return { kind: "retry", error: "PIM away" };
      }
      return { kind: "done" };
    });
    await run([push]);
    const { rows } = await db.query(
      "select state, last_error from deliveries where handler = 'pim:push' order by created_at",
    );
    expect(rows).toEqual([
      { state: "skipped", last_error: "superseded" },
      { state: "done", last_error: null },
    ]);
  });

  describe("the request that failed, and its answer", () => {
    let endpoint: Receiver;
    beforeAll(async () => {
      endpoint = await receiver();
    });
    afterAll(() => endpoint.close());

    const secret = "Zk9-configured/secret+value";
    const token = "tok3nThatOnlyThisRequestHas";
    const address = "jane.doe+x@example.com";

    /** A handler that posts to `path`, and retries what does not answer 200. */
    async function keptOf(answering: Answering, path = "/products", ms = 25_000) {
      conceal(secret);
      endpoint.answering = answering;
      const id = await arriveUpload();
      const pim = scripted("pim", async () => {
        const answer = await send({
          method: "POST",
          url: new URL(path, endpoint.url),
          headers: { authorization: `Bearer ${token}`, "x-own": secret },
          body: JSON.stringify({ secret, address }),
          maxTextLength: 2_000,
          allowPrivate: true,
          signal: AbortSignal.timeout(ms),
        });
        return answer.status === 200
          ? { kind: "done" }
          : { kind: "retry", error: `answered ${answer.status}` };
      });
      await run([pim]);
      const [kept] = await exchangesOf(db, id);
      return kept ?? null;
    }

    it("is kept with the attempt: method, host, path, status, some headers and the beginning of the body", async () => {
      const headers = { "content-type": "text/plain", "x-request-id": "r-1", "retry-after": "30" };
      expect(
        await keptOf(
          { status: 422, headers, text: "attribute image does not exist" },
          "/api/products/A-1?a=b",
        ),
      ).toEqual({
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        method: "POST",
        host: new URL(endpoint.url).host,
        path: "/api/products/A-1",
        status: 422,
        headers: expect.objectContaining(headers),
        body: "attribute image does not exist",
        cut: false,
        error: null,
      });
      expect(await keptOf({ status: 200, text: "fine" })).toBeNull();
      expect(await keptOf({ status: 503 })).toMatchObject({ status: 503, body: null, cut: false });
      expect(await keptOf({ status: 200, hang: true }, "/products", 300)).toMatchObject({
        status: null,
        headers: {},
        body: null,
        error: expect.stringMatching(/abort|timeout/i),
      });
    });

    it.each<Settlement>([{ kind: "skip", reason: "no-such-product" }, { kind: "done" }])(
      "is not kept of a delivery that ends as $kind",
      async (settlement) => {
        const id = await arriveUpload();
        const pim = scripted("pim", async () => {
          endpoint.answering = { status: 404 };
          await send({
            method: "POST",
            url: new URL("/products", endpoint.url),
            headers: {},
            body: "{}",
            maxTextLength: 100,
            allowPrivate: true,
            signal: AbortSignal.timeout(25_000),
          });
          return settlement;
        });
        await run([pim]);
        expect(await exchangesOf(db, id)).toEqual([null]);
      },
    );

    it("is not kept of a request that failed if a later one succeeded", async () => {
      const id = await arriveUpload();
      const pim = scripted("pim", async ({ content }) => {
        const call = async (status: number) => {
          endpoint.answering = { status };
          const { url } = endpoint;
          return await postSigned(
            { url, secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], allowPrivate: true },
            { id: content.type, body: "{}", signal: AbortSignal.timeout(25_000) },
          );
        };
        await call(404);
        await call(200);
        return { kind: "retry", error: "something else" };
      });
      await run([pim]);
      expect(await exchangesOf(db, id)).toEqual([null]);
    });

    const json = (value: unknown) => JSON.stringify(value);
    const escaped = (text: string) =>
      [...text].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
    it.each<[string, Answering, string?]>([
      ["a configured secret", { status: 500, text: `key ${secret} is wrong` }],
      ["a secret in JSON, escaped", { status: 500, text: `{"message": "${escaped(secret)}"}` }],
      ["a secret that is cut", { status: 500, text: `${"x".repeat(1_990)}${secret}` }],
      ["a secret across the first kilobyte", { status: 500, text: `${"x".repeat(1_015)} ${secret}` }],
      ["the token of the request", { status: 401, text: `Bearer ${token} has expired: ${token}` }],
      ["an address", { status: 400, text: `cannot send to ${address}` }],
      [
        "an address in JSON",
        { status: 400, text: json({ errors: [{ to: address }], password: "hunter2hunter2" }) },
      ],
      ["an address, percent-encoded", { status: 400, text: `?to=${encodeURIComponent(address)}` }],
      ["an address that is cut", { status: 400, text: `${" ".repeat(1_980)}${address}` }],
      [
        "JSON in JSON",
        { status: 400, text: json({ inner: json({ api_secret: "hunter2hunter2", to: address }) }) },
      ],
      [
        "members that name secrets",
        { status: 400, text: json({ access_token: "hunter2hunter2", refresh_token: "hunter2hunter2" }) },
      ],
      [
        "headers",
        {
          status: 500,
          headers: {
            "set-cookie": "session=hunter2hunter2",
            "x-request-id": secret,
            server: address,
            "x-other": "hunter2hunter2",
          },
          text: "no",
        },
      ],
      [
        "a redirect",
        { status: 302, headers: { location: `https://x.example/?token=hunter2hunter2&to=${address}` } },
      ],
      [
        "the path",
        { status: 500, text: "no" },
        `/hooks/hunter2hunter2hunter2/${encodeURIComponent(address)}?key=hunter2hunter2`,
      ],
    ])("holds no secret and no address of an answer with %s", async (_what, answering, path) => {
      const kept = await keptOf(answering, path);
      expect(kept).toMatchObject({ status: answering.status });
      const text = `${json(kept)} ${kept?.body}`;
      for (const planted of [secret, secret.slice(0, 12), token, "jane", "hunter2", escaped(secret)])
        expect(text).not.toContain(planted);
      expect(Buffer.byteLength(kept?.body ?? "")).toBeLessThanOrEqual(1_024);
    });

    it.each<[string, Answering]>([
      ["binary", { status: 500, text: "\0\u0001\u001b[31m\ud800é".repeat(50) }],
      ["of 5 MB", { status: 500, text: "é".repeat(2_500_000) }],
      ["of a single line without an end", { status: 500, text: `{"a": "${"b".repeat(100_000)}` }],
    ])("takes an answer that is %s", async (_what, answering) => {
      const kept = await keptOf(answering);
      expect(kept?.status).toBe(500);
      expect(Buffer.byteLength(kept?.body ?? "")).toBeLessThanOrEqual(1_024);
      expect(kept?.body).not.toMatch(/[^\P{Cc}\n]|\p{Cs}/u);
    });
  });

  it("results and errors with NUL and lone surrogates are stored", async () => {
    const id = await arriveUpload();
    await run([
      scripted("pim", () => ({ kind: "done", result: { name: "a\0b\ud800c" } })),
      scripted("moderation", () => ({ kind: "give-up", error: "bad \0 name \udc00" })),
    ]);
    expect(await deliveriesOf(db, id)).toMatchObject([
      { state: "dead", last_error: "bad \u{fffd} name \u{fffd}" },
      { state: "done", result: { name: "a\u{fffd}b\u{fffd}c" } },
    ]);
  });

  describe("the outcome of an attempt", () => {
    /** `pim` with one outcome after the other, each when the delivery is due. */
    async function outcomes(...settlements: Settlement[]) {
      const id = await arriveUpload();
      const pim = scripted("pim", () => settlements[pim.calls.length - 1] ?? { kind: "done" });
      const rows = [];
      for (const _ of settlements) {
        await makeDue(db);
        await run([pim]);
        rows.push((await deliveriesOf(db, id))[1]);
      }
      return rows;
    }

    it("replaces the last error, and says when a delivery ended", async () => {
      expect(
        await outcomes({ kind: "retry", error: "PIM away" }, { kind: "done" }, { kind: "done" }),
      ).toMatchObject([
        { state: "due", last_error: "PIM away", settled_at: null, worker: null, lease_until: null },
        { state: "done", last_error: null, settled_at: expect.any(Date), worker: null, lease_until: null },
        { state: "done", attempts: 2 },
      ]);
    });

    it("keeps the first 2,000 characters of an error", async () => {
      const error = "PIM away. ".repeat(1_000);
      expect(await outcomes({ kind: "retry", error })).toMatchObject([{ last_error: error.slice(0, 2_000) }]);
    });

    it("keeps progress and result until there are newer ones", async () => {
      const error = "PIM away";
      expect(
        await outcomes(
          { kind: "retry", error, progress: { page: 1 }, result: { products: 1 } },
          { kind: "retry", error },
          { kind: "retry", error, progress: { page: 2 }, result: { products: 2 } },
          { kind: "done" },
        ),
      ).toMatchObject([
        { progress: { page: 1 }, result: { products: 1 } },
        { progress: { page: 1 }, result: { products: 1 } },
        { progress: { page: 2 }, result: { products: 2 } },
        { progress: { page: 2 }, result: { products: 2 } },
      ]);
    });

    it("is written to its own attempt", async () => {
      const id = await arriveUpload();
      const errors = ["PIM away", "PIM still away"];
      const pim = scripted("pim", () => ({ kind: "retry", error: errors[pim.calls.length - 1] ?? "" }));
      const held = scripted("moderation", () => ({ kind: "hold", reason: "replaced" }));
      await run([pim, held]);
      await makeDue(db);
      await run([pim, held]);
      const [moderation, delivery] = await deliveriesOf(db, id);
      expect(await attemptsOf(db, moderation?.id ?? "")).toEqual([
        { number: 1, outcome: "held", error: "replaced", ended: true },
      ]);
      expect(await attemptsOf(db, delivery?.id ?? "")).toEqual(
        errors.map((error, at) => ({ number: at + 1, outcome: "retry", error, ended: true })),
      );
    });

    it("delays the next attempt from its end, however long the delivery has been due", async () => {
      const id = await arriveUpload();
      await db.query("update deliveries set due_at = now() - interval '3 hours'");
      await run([
        scripted("pim", () => ({ kind: "retry", error: "429", afterMs: 90_000 })),
        done("moderation"),
      ]);
      const [moderation, pim] = await deliveriesOf(db, id);
      expect(pim?.dueInMs).toBeGreaterThan(60_000);
      expect(moderation?.dueInMs).toBeLessThan(-3 * 3_600_000); // The time that it was due stays.
    });

    it("of a request that failed is not unknown in the next attempt", async () => {
      const id = await arriveUpload();
      await run([
        scripted("pim", async (_notification, context) => {
          await context.markSending();
          return { kind: "retry", error: "503" };
        }),
      ]);
      await makeDue(db);
      expect((await claimPim(db)).jobs).toHaveLength(1);
      await endLeases(db);
      expect(await run([done("pim")])).toBe(1);
      expect((await deliveriesOf(db, id))[1]).toMatchObject({ state: "done", attempts: 3 });
    });

    it("comes too late when another worker put the delivery on hold", async () => {
      const id = await arriveUpload();
      const [job] = (await claimPim(db)).jobs;
      if (!job) throw new Error("nothing was claimed");
      await db.query("update deliveries set sending_at = now() where id = $1", [job.deliveryId]);
      await endLeases(db);
      expect((await claimPim(db)).ended).toHaveLength(1);
      const options = { settings: deliverSettings().deliver, random: () => 0.5 };
      const late = { job, settlement: { kind: "retry", error: "late" } } as const;
      expect(await settle(db, late, options)).toBe("lease-lost");
      expect((await deliveriesOf(db, id))[1]).toMatchObject({ state: "held", last_error: "outcome-unknown" });
    });

    it("is written together with others, and one whose delivery another worker has is named", async () => {
      for (let n = 1; n <= 3; n += 1) await arriveUpload();
      const { jobs } = await claimPim(db);
      const lost = jobs[1]?.deliveryId ?? "";
      await db.query("update deliveries set attempts = attempts + 1 where id = $1", [lost]);
      const options = { settings: deliverSettings().deliver, random: () => 0.5 };
      // One of them plans another delivery.
      const follow = [{ handler: "pim:push", subject: "SKU-1" }];
      const attempts = jobs.map(
        (job, n) => ({ job, settlement: { kind: "done", ...(n === 2 && { follow }) } }) as const,
      );
      expect(await settleAll(db, attempts, options)).toEqual(["settled", "lease-lost", "settled"]);
      const { rows } = await db.query("select id, state from deliveries where handler = 'pim'");
      expect(new Map(rows.map(({ id, state }) => [id, state]))).toEqual(
        new Map(jobs.map(({ deliveryId }) => [deliveryId, deliveryId === lost ? "running" : "done"])),
      );
      const planned = await db.query("select subject, planned_by from deliveries where handler = 'pim:push'");
      expect(planned.rows).toEqual([{ subject: "SKU-1", planned_by: jobs[2]?.deliveryId }]);
    });

    it("is the same beside one that is tried again, which has a longer statement", async () => {
      const endings: Settlement[] = [
        { kind: "done", progress: { page: 1 }, result: { products: 2 } },
        { kind: "skip", reason: "not routed", result: { products: 0 } },
        { kind: "hold", reason: "replaced" },
        { kind: "give-up", error: "PIM rejects it", progress: { page: 3 } },
      ];
      const rowsOf = async (settlements: readonly Settlement[]) => {
        for (const _ of settlements) await arriveUpload();
        const { jobs } = await claimPim(db);
        await db.query("update deliveries set sending_at = now() where state = 'running'");
        const ids = jobs.map(({ deliveryId }) => deliveryId);
        const exchange = null;
        const attempts = settlements.flatMap((settlement, at) => {
          const job = jobs[at];
          return job ? [{ job, settlement, exchange }] : [];
        });
        await settleAll(db, attempts, { settings: deliverSettings().deliver, random: () => 0.5 });
        const { rows } = await db.query(
          `select d.state, d.attempts, d.waits, d.due_at <= now() as due, d.lease_until, d.worker, d.sending_at is not null as sending,
                  d.last_error, d.result, d.progress, d.settled_at is not null as settled, a.ended_at is not null as ended, a.outcome, a.error
           from deliveries d join attempts a on a.delivery_id = d.id
           where d.id = any ($1::uuid[]) order by array_position($1::uuid[], d.id)`,
          [ids],
        );
        return rows;
      };
      const alone = await rowsOf(endings);
      const beside = await rowsOf([...endings, { kind: "retry", error: "429" }]);
      expect(alone).toHaveLength(4);
      expect(beside.slice(0, 4)).toEqual(alone);
      expect(beside[4]).toMatchObject({ state: "due", last_error: "429", sending: false, settled: false });
    });

    it.each([
      ["the database is away", "ECONNREFUSED"],
      ["the database rejects a value that is not the handler's", "22P05"],
    ])("is written again while the lease lasts, at growing intervals, if %s", async (_, code) => {
      await arriveUpload();
      const [job] = (await claimPim(db)).jobs;
      if (!job) throw new Error("nothing was claimed");
      let statements = 0;
      const down: Db = {
        ...db,
        query: async () => {
          statements += 1;
          if (statements > 9) return { rows: [], rowCount: 0 };
          throw Object.assign(new Error("not written"), { code });
        },
      };
      const options = { settings: deliverSettings().deliver, random: () => 0.5 };
      const settling = { job: { ...job, leaseLeftMs: () => 200 }, settlement: { kind: "done" } } as const;
      await expect(settle(down, settling, options)).rejects.toThrow("not written");
      expect(statements).toBe(2); // After 100 ms; the next one would be when the lease has ended.
    });

    it.each([
      ["result", { kind: "done", result: "refused" }],
      ["progress", { kind: "retry", error: "PIM away", progress: "refused" }],
    ] as const)("that the database rejects for its %s is dead", async (_, settlement) => {
      const id = await arriveUpload();
      const strict: Db = {
        ...db,
        query: async (text, params) => {
          if (JSON.stringify(params).includes("refused"))
            throw Object.assign(new Error("value overflows numeric format"), { code: "22003" });
          return await db.query(text, params);
        },
      };
      await run([scripted("pim", () => settlement)], { db: strict });
      expect((await deliveriesOf(db, id))[1]).toMatchObject({
        state: "dead",
        attempts: 1,
        last_error: "the database rejects the outcome of the handler: Error: value overflows numeric format",
      });
    });

    it("is written although a change by another worker broke a constraint at first", async () => {
      const id = await arriveUpload();
      let broken = 0;
      const contended: Db = {
        ...db,
        query: async (text, params) => {
          if (JSON.stringify(params).includes("kept") && broken < 2) {
            broken += 1;
            throw Object.assign(new Error("duplicate key value"), { code: "23505" });
          }
          return await db.query(text, params);
        },
      };
      await run([scripted("pim", () => ({ kind: "done", result: "kept" }))], { db: contended });
      expect((await deliveriesOf(db, id))[1]).toMatchObject({ state: "done", result: "kept" });
      expect(broken).toBe(2);
    });

    it("of a failed push gives way to a newer push of the same subject, and that of a successful one stays", async () => {
      /** A delivery of another notification plans pushes. */
      const plan = async (...follow: Follow[]) => {
        const id = await arriveUpload();
        await run([scripted("pim", () => ({ kind: "done", follow }))]);
        return id;
      };
      const push = (handler: string, subject: string) => ({ handler, subject });
      const id = await plan(push("pim:a", "SKU-1"), push("pim:a", "SKU-2"), push("pim:b", "SKU-3"));
      const { jobs } = await claimPim(db, { handlers: ["pim:a", "pim:b"] });
      // While they run: a newer push of the first one, and others that have its handler or its subject.
      await plan(
        push("pim:a", "SKU-1"),
        push("pim:b", "SKU-2"),
        push("pim:a", "SKU-3"),
        push("pim:b", "SKU-3"),
      );
      const options = { settings: deliverSettings().deliver, random: () => 0.5 };
      for (const job of jobs) {
        const settlement: Settlement =
          job.subject === "SKU-3" ? { kind: "done" } : { kind: "retry", error: "PIM away" };
        await settle(db, { job, settlement }, options);
      }
      const pushes = (await deliveriesOf(db, id)).filter(({ handler }) => handler.startsWith("pim:"));
      expect(pushes).toMatchObject([
        { subject: "SKU-1", state: "skipped", last_error: "superseded", settled_at: expect.any(Date) },
        { subject: "SKU-2", state: "due", last_error: "PIM away", settled_at: null },
        { subject: "SKU-3", state: "done", last_error: null },
      ]);
    });
  });
});
