import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import { readConfig } from "../../../src/config.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import { receive } from "../../../src/lib/receive/receive.ts";
import { respond } from "../../../src/lib/receive/respond.ts";
import { settings } from "../../../src/settings.ts";
import { uploadBody } from "../../support/bodies.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { type Site, site } from "../../support/site.ts";

let database: TestDatabase;
let here: Site;
beforeAll(async () => {
  [database, here] = await Promise.all([realDatabase(), site()]);
});
afterAll(() => Promise.all([database.drop(), here.close()]));
beforeEach(() => configured(database.url));
afterEach(() => vi.unstubAllEnvs());

/** A request whose body sends some bytes and then neither more nor an end; says whether anybody read it. */
function endlessRequest(headers: Headers) {
  const seen = { read: false };
  const begun = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (!seen.read) controller.enqueue(Buffer.from('{"notification_type":'));
        seen.read = true;
        begun.resolve();
        return new Promise(() => {});
      },
    },
    { highWaterMark: 0 },
  );
  const url = new URL("/webhooks", here.origin);
  return {
    seen,
    begun: begun.promise,
    request: new Request(url, { method: "POST", headers, body, duplex: "half" }),
  };
}

const signedHeaders = (options = {}) => signedRequest(uploadBody(), options).headers;

function without(name: string): Headers {
  const headers = new Headers(signedHeaders());
  headers.delete(name);
  return headers;
}

describe("the body", () => {
  it.each([
    ["no signature", "signature-missing", () => without("x-cld-signature")],
    ["no timestamp", "timestamp-missing", () => without("x-cld-timestamp")],
    [
      "an old timestamp",
      "timestamp-too-old",
      () => signedHeaders({ timestamp: Math.floor(Date.now() / 1_000) - 7_300 }),
    ],
    [
      "a signature of another form",
      "signature-malformed",
      () => signedHeaders({ headers: { "x-cld-signature": "abc" } }),
    ],
  ])("is not read with %s", async (_what, reason, headers) => {
    const { seen, request } = endlessRequest(headers());
    const response = await invoke(notification, request);
    expect([response.status, await response.json()]).toEqual([401, { error: { reason } }]);
    expect(seen.read).toBe(false);
  });

  it("that never ends gets 408 after the timeout", async () => {
    const { begun, request } = endlessRequest(signedHeaders());
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let answer: Response | undefined;
      const answering = invoke(notification, request).then((response) => {
        answer = response;
      });
      await begun;
      await vi.advanceTimersByTimeAsync(settings.receive.bodyTimeoutMs - 100);
      expect(answer).toBeUndefined();
      await vi.advanceTimersByTimeAsync(200);
      await answering;
      expect([answer?.status, await answer?.json()]).toEqual([408, { error: { reason: "body-timeout" } }]);
    } finally {
      vi.useRealTimers();
    }
  });
});

it("I9 the answer waits for a single statement, however slow the database is", async () => {
  const reading = readConfig(settings);
  if (!reading.ok) throw new Error(reading.problems.join());
  let statements = 0;
  const slow: Db = {
    ...database.db,
    async query<R>(...asked: Parameters<Db["query"]>) {
      statements += 1;
      await sleep(200);
      return await database.db.query<R>(...asked);
    },
  };
  const outcome = await receive(signedRequest(uploadBody(), { origin: here.origin }), {
    config: reading.config,
    settings,
    db: slow,
    expects: [],
    source: "webhook",
  });
  expect(outcome).toMatchObject({ kind: "recorded", timesSeen: 1 });
  expect(statements).toBe(1);
});

it("a database that never answers a statement gets 503 after the time of record", async () => {
  const reading = readConfig(settings);
  if (!reading.ok) throw new Error(reading.problems.join());
  const silent = { ...database.db, query: () => new Promise<never>(() => {}) };
  const outcome = await receive(signedRequest(uploadBody(), { origin: here.origin }), {
    config: reading.config,
    settings: { ...settings, receive: { ...settings.receive, recordTimeoutMs: 200 } },
    db: silent,
    expects: [],
    source: "webhook",
  });
  expect(outcome).toEqual({ kind: "unavailable", reason: "database" });
});

it("a first call under netlify dev has seven more seconds, since it may open the embedded database", async () => {
  const reading = readConfig(settings);
  if (!reading.ok) throw new Error(reading.problems.join());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const asked = Promise.withResolvers<void>();
    const query = () => {
      asked.resolve();
      return new Promise<never>(() => {});
    };
    let answer: string | undefined;
    void receive(signedRequest(uploadBody(), { origin: here.origin }), {
      config: { ...reading.config, local: true },
      settings,
      db: { ...database.db, query },
      expects: [],
      source: "webhook",
    }).then(({ kind }) => {
      answer = kind;
    });
    await asked.promise;
    await vi.advanceTimersByTimeAsync(settings.receive.recordTimeoutMs + 6_900);
    expect(answer).toBeUndefined();
    await vi.advanceTimersByTimeAsync(200);
    expect(answer).toBe("unavailable");
  } finally {
    vi.useRealTimers();
  }
});

describe("retention", () => {
  it.each([
    ["shorter than a signature is accepted", 7_500 / 86_400],
    ["none", 0],
    ["not a number", Number.NaN],
  ])("%s is refused at start, with the setting's name", (_what, days) => {
    const reading = readConfig({ ...settings, retention: { ...settings.retention, days } });
    expect(reading).toMatchObject({ ok: false });
    expect(reading.ok ? "" : reading.problems.join()).toMatch(/retention\.days.* must be longer.*7500 s/);
  });

  it("of a day is accepted", () => {
    expect(readConfig({ ...settings, retention: { ...settings.retention, days: 1 } }).ok).toBe(true);
  });
});

describe("unreadable bodies", () => {
  const capped = { ...settings, receive: { ...settings.receive, maxUnreadablePerDay: 2 } };

  async function arrive(body: string, source: "webhook" | "public" = "webhook") {
    const reading = readConfig(capped);
    if (!reading.ok) throw new Error(reading.problems.join());
    const options = { config: reading.config, settings: capped, db: database.db, expects: [], source };
    const outcome = await receive(signedRequest(body, { origin: here.origin }), options);
    if (outcome.kind !== "recorded") throw new Error(outcome.kind);
    expect(respond(outcome).status).toBe(200);
    const { rows } = await database.db.query<{
      body: Buffer;
      body_sha256: string;
      headers: { [name: string]: string };
    }>("select body, body_sha256, headers from notifications where id = $1", [outcome.id]);
    return { ...outcome, ...rows[0] };
  }

  beforeEach(() => database.db.query("truncate notifications cascade"));

  it("over the daily limit are still recorded: the beginning, the hash, the length", async () => {
    const text = (n: number) => `no JSON, number ${n}`.padEnd(5_000, ".");
    for (const n of [1, 2]) {
      const whole = await arrive(text(n));
      expect(whole).toMatchObject({ cut: false, timesSeen: 1 });
      expect(whole.body?.toString()).toBe(text(n));
    }
    for (const source of ["webhook", "public"] as const) {
      const third = `${source} ${text(3)}`;
      const { body, ...cut } = await arrive(third, source);
      expect(body?.toString()).toBe(third.slice(0, 1_024));
      expect(cut).toMatchObject({
        cut: true,
        body_sha256: createHash("sha256").update(third).digest("hex"),
        headers: { "content-length": String(third.length) },
      });
      expect(await arrive(third, source)).toMatchObject({ id: cut.id, timesSeen: 2 });
    }
    await database.db.query("update notifications set received_at = received_at - interval '25 hours'");
    expect(await arrive(text(4))).toMatchObject({ cut: false });
  });

  it("are limited by their own number, not by that of readable ones", async () => {
    for (const _ of [1, 2, 3]) await arrive(JSON.stringify(uploadBody()));
    expect(await arrive("no JSON".padEnd(5_000, "."))).toMatchObject({ cut: false });
  });

  it("do not prevent a readable one from being recorded completely", async () => {
    for (const n of [1, 2, 3]) await arrive(`no JSON, number ${n}`);
    const body = JSON.stringify(uploadBody({ tags: ["x".repeat(5_000)] }));
    const whole = await arrive(body);
    expect(whole.body?.toString()).toBe(body);
    expect(whole.cut).toBe(false);
    expect(await arrive(body)).toMatchObject({ id: whole.id, timesSeen: 2, cut: false });
  });
});
