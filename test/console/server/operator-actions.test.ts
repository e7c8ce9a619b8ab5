import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import type { Settlement } from "../../../src/lib/deliveries/handler.ts";
import { uploadBody } from "../../support/bodies.ts";
import { empty, realDatabase, type TestDatabase } from "../../support/databases.ts";
import {
  arrive,
  attemptsOf,
  deliveriesOf,
  deliverSettings,
  makeDue,
  scripted,
} from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { type Site, site } from "../../support/site.ts";
import { ask } from "../operator.ts";
import { bobToken, operatorToken } from "../tokens.ts";

let database: TestDatabase;
let here: Site;

beforeAll(async () => {
  [here, database] = await Promise.all([site(), realDatabase()]);
});
afterAll(() => Promise.all([here.close(), database.drop()]));
beforeEach(async () => {
  configured(database.url, { OPERATOR_TOKEN: operatorToken });
  await empty(database.db, "notifications", "operator_acts", "paused_handlers", "pulse");
  await database.db.query("insert into pulse default values");
  here.requests.length = 0;
});
afterEach(() => vi.unstubAllEnvs());

interface Act {
  who: string;
  act: string;
  handler: string | null;
  reason: string | null;
  notificationId: string | null;
  detail: { state?: string; error?: string | null } | null;
}

const post = (path: string, body: unknown, token?: string) =>
  ask(path, { body, origin: here.origin, ...(token !== undefined && { token }) });
const acts = async () => ((await (await ask("/api/acts")).json()) as { acts: Act[] }).acts;

/** Delivers with handlers that all end like this. */
async function deliverWith(settlement: Settlement, names = ["pim", "moderation", "email"]) {
  const handlers = names.map((name) => scripted(name, () => settlement));
  await deliver({
    db: database.db,
    handlers,
    settings: deliverSettings({ retryDelaysMs: [0, 0] }),
    budgetMs: 60_000,
    handlerTimeoutMs: 10_000,
    secondLookMs: 0,
  });
  return handlers;
}

const states = async (id: string) =>
  Object.fromEntries((await deliveriesOf(database.db, id)).map(({ handler, state }) => [handler, state]));

describe("replaying a notification", () => {
  it("P7 makes all of its deliveries due again, records the operator and the reason, and wakes a worker", async () => {
    const id = await arrive(uploadBody(), here.origin);
    const other = await arrive(uploadBody(), here.origin);
    await deliverWith({ kind: "give-up", error: "PIM said no" });
    await sleep(1_100); // The pulse of the notifications before.
    here.requests.length = 0;

    const response = await post(`/api/notifications/${id}/replay`, { reason: "PIM is back" }, bobToken);
    expect(await response.json()).toEqual({ replayed: 2, planned: 0 });
    expect(await states(id)).toEqual({ pim: "due", moderation: "due" });
    expect(await states(other)).toEqual({ pim: "dead", moderation: "dead" });
    expect(await acts()).toMatchObject([
      { who: "bob", act: "replay", reason: "PIM is back", detail: { state: "dead", error: "PIM said no" } },
      { who: "bob", act: "replay", reason: "PIM is back", notificationId: id },
    ]);
    expect(here.requests.map(({ path }) => path)).toEqual(["/.netlify/functions/deliver-background"]);
  });

  it("for one handler leaves the others unchanged", async () => {
    const id = await arrive(uploadBody(), here.origin);
    await deliverWith({ kind: "done" });
    await post(`/api/notifications/${id}/replay`, { reason: "again please", handler: "pim" });
    expect(await states(id)).toEqual({ pim: "due", moderation: "done" });
  });

  it("restarts the retry schedule and keeps earlier attempts", async () => {
    const id = await arrive(uploadBody(), here.origin);
    await deliverWith({ kind: "retry", error: "503" });
    await makeDue(database.db);
    const [before] = await deliveriesOf(database.db, id);
    expect(before).toMatchObject({ state: "dead", attempts: 2 });
    await post(`/api/notifications/${id}/replay`, { reason: "try again" });
    const [pim] = await deliverWith({ kind: "retry", error: "503" }, ["pim"]);
    expect(pim?.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
    const after = (await deliveriesOf(database.db, id)).find(({ handler }) => handler === "pim");
    expect(after).toMatchObject({ state: "dead", attempts: 4 });
    expect(await attemptsOf(database.db, after?.id ?? "")).toHaveLength(4);
  });

  it("keeps recorded progress, unless told to start over", async () => {
    const id = await arrive(uploadBody(), here.origin);
    await deliverWith({ kind: "give-up", error: "half of it", progress: { sent: 3 } });
    await post(`/api/notifications/${id}/replay`, { reason: "the rest" });
    const again = await deliverWith({ kind: "give-up", error: "half of it" });
    expect(again.flatMap(({ calls }) => calls.map(({ progress }) => progress))).toEqual([
      { sent: 3 },
      { sent: 3 },
    ]);
    await post(`/api/notifications/${id}/replay`, { reason: "all of it", forget: true });
    const over = await deliverWith({ kind: "done" });
    expect(over.flatMap(({ calls }) => calls.map(({ progress }) => progress))).toEqual([null, null]);
  });

  it("X8 adds deliveries for handlers that its type is now routed to", async () => {
    const id = await arrive({ ...uploadBody(), notification_type: "invented" }, here.origin);
    expect(await states(id)).toEqual({});
    await database.db.query("update notifications set type = 'upload' where id = $1", [id]);
    const response = await post(`/api/notifications/${id}/replay`, { reason: "routed since" });
    expect(await response.json()).toEqual({ replayed: 0, planned: 2 });
    expect(await states(id)).toEqual({ pim: "due", moderation: "due" });
  });

  it("leaves a running delivery to its worker", async () => {
    const id = await arrive(uploadBody(), here.origin);
    await database.db.query(
      "update deliveries set state = 'running', lease_until = now() + interval '1 minute', attempts = 1",
    );
    expect(await (await post(`/api/notifications/${id}/replay`, { reason: "too early" })).json()).toEqual({
      replayed: 0,
      planned: 0,
    });
    expect(await states(id)).toEqual({ pim: "running", moderation: "running" });
  });

  it("requires a reason", async () => {
    const id = await arrive(uploadBody(), here.origin);
    for (const body of [{}, { reason: "" }, { reason: "  x " }])
      expect((await post(`/api/notifications/${id}/replay`, body)).status).toBe(400);
    expect(await acts()).toEqual([]);
  });

  it("O3 does not store e-mail addresses in a reason", async () => {
    const id = await arrive(uploadBody(), here.origin);
    await post(`/api/notifications/${id}/replay`, { reason: "asked by grace.hopper@example.com" });
    expect((await acts())[0]?.reason).toBe("asked by g…@example.com");
  });
});

describe("deliveries that push the latest state of a subject", () => {
  async function dead(subject: string, n: number): Promise<string> {
    const id = await arrive(uploadBody(), here.origin);
    await database.db.query("delete from deliveries where notification_id = $1", [id]);
    for (let i = 0; i < n; i += 1)
      await database.db.query(
        `insert into deliveries (notification_id, handler, subject, planned_by, state, last_error, settled_at, created_at)
         values ($1, 'pim:webhook', $2, gen_random_uuid(), 'dead', 'down', now(), now() + $3::int * interval '1 second')`,
        [id, subject, i],
      );
    return id;
  }

  it("are due one at a time: the latest covers all", async () => {
    const id = await dead("SKU-1", 3);
    await dead("SKU-2", 1);
    expect(await (await post("/api/stuck/replay", { state: "dead", reason: "back again" })).json()).toEqual({
      replayed: 2,
      left: 0,
    });
    expect((await deliveriesOf(database.db, id)).map(({ state }) => state)).toEqual(["dead", "dead", "due"]);
    // Now one is due, so that the others have nothing to add.
    expect(await (await post("/api/stuck/replay", { state: "dead", reason: "back again" })).json()).toEqual({
      replayed: 0,
      left: 0,
    });
  });
});

describe("held deliveries", () => {
  it("are released individually, which is recorded, and the outcome-unknown marker is removed", async () => {
    const id = await arrive(uploadBody(), here.origin);
    await deliverWith({ kind: "hold", reason: "outcome-unknown" });
    await database.db.query("update deliveries set sending_at = now()");
    const [first, second] = await deliveriesOf(database.db, id);
    expect(first?.state).toBe("held");
    expect((await post(`/api/deliveries/${first?.id}/replay`, { reason: "it never came" })).status).toBe(200);
    expect(await deliveriesOf(database.db, id)).toMatchObject([
      { state: "due", sending_at: null },
      { state: "held", sending_at: expect.any(Date) },
    ]);
    expect(await acts()).toMatchObject([
      { act: "release", handler: first?.handler, detail: { state: "held" } },
    ]);
    expect(
      (await post(`/api/deliveries/${second?.id}/discard`, { reason: "SendGrid shows it" })).status,
    ).toBe(200);
    expect((await acts())[0]).toMatchObject({ act: "discard", reason: "SendGrid shows it" });
    expect(await states(id)).toMatchObject({ [second?.handler ?? ""]: "skipped" });
  });

  it("can be discarded, like dead ones and unlike all others", async () => {
    const id = await arrive(uploadBody(), here.origin);
    const [due] = await deliveriesOf(database.db, id);
    expect((await post(`/api/deliveries/${due?.id}/discard`, { reason: "not wanted" })).status).toBe(409);
    expect(await states(id)).toEqual({ pim: "due", moderation: "due" });
    expect(await acts()).toEqual([]);
  });
});

describe("dead letters", () => {
  interface Group {
    handler: string;
    cause: string;
    count: number;
    types: string[];
  }
  const groups = async (query = "") =>
    ((await (await ask(`/api/stuck/groups?state=dead${query}`)).json()) as { groups: Group[] }).groups;

  it("P5 are grouped by cause, regardless of IDs and numbers in the errors", async () => {
    const errors = [
      "PIM answered 500 for 0b9c5a3e-8f0e-4c66-9a8c-0d9a7c1e2f3a",
      "PIM answered 500 for 7d1f5a3e-8f0e-4c66-9a8c-0d9a7c1e2f3b",
      "PIM answered 404 for 7d1f5a3e-8f0e-4c66-9a8c-0d9a7c1e2f3b",
      'schema: version: got "17" at 1760000123',
      'schema: version: got "x" at 1760000999',
    ];
    for (const error of errors) {
      await arrive(uploadBody(), here.origin);
      await database.db.query("delete from deliveries where handler <> 'pim'");
      await deliverWith({ kind: "give-up", error }, ["pim"]);
    }
    expect((await groups()).map(({ cause, count }) => [cause, count])).toEqual([
      ['schema: version: got "…" at …', 2],
      ["PIM answered 500 for …", 2],
      ["PIM answered 404 for …", 1],
    ]);
    expect(await groups("&type=eager")).toEqual([]);
  });

  it("P8 of a group are replayed in batches that can stop and continue, each delivery once", async () => {
    for (let n = 0; n < 5; n += 1) await arrive(uploadBody(), here.origin);
    await deliverWith({ kind: "give-up", error: "down" }, ["pim"]);
    await deliverWith({ kind: "give-up", error: "other" }, ["moderation"]);
    const batch = { state: "dead", handler: "pim", cause: "down", reason: "up again", limit: 2 };
    expect(await (await post("/api/stuck/replay", batch)).json()).toEqual({ replayed: 2, left: 3 });
    expect(await (await post("/api/stuck/replay", batch)).json()).toEqual({ replayed: 2, left: 1 });
    expect(await (await post("/api/stuck/replay", batch)).json()).toEqual({ replayed: 1, left: 0 });
    expect(new Set((await acts()).map(({ notificationId }) => notificationId)).size).toBe(5);
    expect((await groups()).map(({ handler, count }) => [handler, count])).toEqual([["moderation", 5]]);
  });

  it("that failed again in the meantime are not replayed twice", async () => {
    await arrive(uploadBody(), here.origin);
    await deliverWith({ kind: "give-up", error: "down" }, ["pim"]);
    const { now } = (await (await ask("/api/stuck/groups?state=dead")).json()) as { now: string };
    const batch = { state: "dead", reason: "up again", endedBefore: now };
    expect(await (await post("/api/stuck/replay", batch)).json()).toEqual({ replayed: 1, left: 0 });
    await deliverWith({ kind: "give-up", error: "down" }, ["pim"]);
    expect(await (await post("/api/stuck/replay", batch)).json()).toEqual({ replayed: 0, left: 0 });
  });

  it("matching a filter are discarded with a reason, and no others", async () => {
    const id = await arrive(uploadBody(), here.origin);
    await deliverWith({ kind: "give-up", error: "down" }, ["pim"]);
    await deliverWith({ kind: "hold", reason: "kinds-disagree" }, ["moderation"]);
    expect(await (await post("/api/stuck/discard", { state: "dead", reason: "test data" })).json()).toEqual({
      discarded: 1,
      left: 0,
    });
    expect(await states(id)).toEqual({ pim: "skipped", moderation: "held" });
  });

  it("are listed newest first, with handler, type, public ID and error", async () => {
    const id = await arrive(uploadBody({ public_id: "garden/rake" }), here.origin);
    await deliverWith({ kind: "give-up", error: "down" }, ["pim"]);
    const { deliveries, more } = (await (await ask("/api/stuck?state=dead")).json()) as {
      deliveries: unknown[];
      more: boolean;
    };
    expect(more).toBe(false);
    expect(deliveries).toMatchObject([
      {
        notificationId: id,
        handler: "pim",
        type: "upload",
        publicId: "garden/rake",
        error: "down",
        attempts: 1,
      },
    ]);
  });
});

describe("a handler", () => {
  interface Row {
    name: string;
    pausedBy: string | null;
    due: number;
  }
  const handler = async (name: string) =>
    ((await (await ask("/api/handlers")).json()) as { handlers: Row[] }).handlers.find(
      (one) => one.name === name,
    );

  it("is paused and resumed without a deploy, recording operator and reason", async () => {
    const id = await arrive(uploadBody(), here.origin);
    expect(await handler("pim")).toMatchObject({ pausedBy: null, due: 1 });
    await post("/api/handlers/pim/pause", { reason: "PIM moves house" }, bobToken);
    expect(await handler("pim")).toMatchObject({ pausedBy: "bob", pauseReason: "PIM moves house" });
    await deliverWith({ kind: "done" });
    expect(await states(id)).toEqual({ pim: "due", moderation: "done" });
    await post("/api/handlers/pim/resume", { reason: "PIM has moved" });
    await deliverWith({ kind: "done" });
    expect(await states(id)).toEqual({ pim: "done", moderation: "done" });
    expect((await acts()).map(({ act, who }) => [act, who])).toEqual([
      ["resume", "ada"],
      ["pause", "bob"],
    ]);
  });

  it("reports its open deliveries by state", async () => {
    for (const settlement of [
      { kind: "give-up", error: "down" },
      { kind: "hold", reason: "x" },
      { kind: "hold", reason: "x" },
      { kind: "done" },
    ] as const) {
      await arrive(uploadBody(), here.origin);
      await deliverWith(settlement, ["pim"]);
    }
    for (let n = 0; n < 3; n += 1) await arrive(uploadBody(), here.origin);
    expect(await handler("pim")).toMatchObject({ due: 3, running: 0, held: 2, dead: 1 });
    expect(await handler("moderation")).toMatchObject({ due: 7, running: 0, held: 0, dead: 0 });
    await database.db.query("update deliveries set state = 'running' where handler = 'moderation'");
    expect(await handler("moderation")).toMatchObject({ due: 0, running: 7 });
  });

  it("cannot be paused twice", async () => {
    await post("/api/handlers/pim/pause", { reason: "first reason" });
    await post("/api/handlers/pim/pause", { reason: "second reason" }, bobToken);
    expect(await handler("pim")).toMatchObject({ pausedBy: "ada", pauseReason: "first reason" });
    expect(await acts()).toHaveLength(1);
  });
});
