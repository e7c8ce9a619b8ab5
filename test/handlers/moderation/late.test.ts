import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { untouched } from "../../../src/handlers/moderation/ledger.ts";
import { type Reserve, reserve } from "../../../src/handlers/moderation/reserve-action.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { hexId } from "../../support/bodies.ts";
import { makeDue, withDeadline } from "../../support/deliveries.ts";
import { decisionOn, uploadOf } from "./bodies.ts";
import { settingsWith, type World, world } from "./world.ts";

let here: World;
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());
beforeEach(() => here.reset());

const at = (minutes: number) => `2025-10-09T09:${String(minutes).padStart(2, "0")}:00Z`;

/** The database as it is, with `meanwhile` happening before the answer to the first reservation is handed over. */
function delayed(meanwhile: () => Promise<void>): Db {
  let met = false;
  return {
    ...here.db,
    async query<R>(...asked: Parameters<Db["query"]>) {
      const answer = await here.db.query<R>(...asked);
      if (!met && asked[0].includes("moderation_gate")) {
        met = true;
        await meanwhile();
      }
      return answer;
    },
  };
}

/** What is recorded meanwhile is due in an hour, from the statement that records it on: no worker can claim it before. */
async function postponed(record: () => Promise<unknown>): Promise<void> {
  await here.db.query(`create function due_later() returns trigger language plpgsql as
    $$ begin new.due_at := now() + interval '1 hour'; return new; end $$`);
  await here.db.query(
    "create trigger due_later before insert on deliveries for each row execute function due_later()",
  );
  await record();
  await here.db.query("drop function due_later cascade");
}

async function runOn(db: Db, changed = {}, handlerTimeoutMs = 40_000, handler = here.handler) {
  await deliver({
    db,
    handlers: [handler],
    settings: settingsWith(changed),
    budgetMs: handlerTimeoutMs + 40_000,
    handlerTimeoutMs,
    secondLookMs: 0,
  });
  return await here.deliveries();
}

describe("an action long after its check", () => {
  it.each([
    ["with", ["delete" as const]],
    ["without", []],
  ])(
    "a version that came while the reservation's answer was late is not deleted, %s confirmation",
    async (_, confirm) => {
      const video = here.put();
      await here.tell(uploadOf(video));
      await here.tell(decisionOn(video, "rejected"));
      const slow = delayed(async () => {
        video.version += 60;
        await here.tell(uploadOf(video));
        await sleep(1_100);
      });
      const deliveries = await runOn(slow, { confirm });
      expect(deliveries.find(({ type }) => type === "moderation")).toMatchObject({
        state: "held",
        last_error: "replaced",
      });
      expect(here.assets).toEqual([video]);
    },
  );

  it("retries when the reservation always expires, and counts no deletion", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    const slow: Db = {
      ...here.db,
      async query<R>(...asked: Parameters<Db["query"]>) {
        const answer = await here.db.query<R>(...asked);
        if (asked[0].includes("moderation_gate")) await sleep(1_050);
        return answer;
      },
    };
    const [, again] = await runOn(slow);
    expect(again).toMatchObject({ state: "due", attempts: 1 });
    expect(again?.last_error).toContain("too slow");
    expect(here.assets).toEqual([video]);
    const { rows } = await here.db.query("select action, begun_at from moderation_decision");
    expect(rows).toEqual([{ action: "none", begun_at: null }]);
  });
});

/** The database, in which `happens` once between the first look at an asset and the reservation of an act. */
function betweenLookAndReservation(happens: () => Promise<unknown>): Db {
  let told = false;
  return {
    ...here.db,
    async query<R>(...asked: Parameters<Db["query"]>) {
      const answer = await here.db.query<R>(...asked);
      if (asked[0].includes('"accessChanged"') && !told) {
        told = true;
        await happens();
      }
      return answer;
    },
  };
}

describe("a later decision that is recorded but not processed yet", () => {
  it("stops the earlier one", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: at(1) }));
    const weighed = betweenLookAndReservation(() =>
      postponed(() => here.forge(decisionOn(video, "approved", { at: at(2) }))),
    );
    const deliveries = await runOn(weighed, { confirm: [] });
    expect(deliveries[1]).toMatchObject({ state: "skipped", last_error: "overtaken" });
    expect(deliveries[2]).toMatchObject({ state: "due", attempts: 0 });
    expect(here.assets).toEqual([video]);
    expect(here.calls).toEqual([]);
  });
});

describe("a notification whose assets are not listed yet", () => {
  it("stops a deletion until they are, since one of them may be a newer version", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: at(1) }));
    const resources = [...Array.from({ length: 1_000 }, () => hexId()), video.asset_id].map((asset_id) => ({
      resource_type: "video",
      type: "upload",
      asset_id,
      public_id: asset_id === video.asset_id ? video.public_id : asset_id,
      version: video.version + 60,
    }));
    const weighed = betweenLookAndReservation(() =>
      here.forge({
        notification_type: "resource_tags_changed",
        notification_context: { triggered_at: new Date().toISOString() },
        resources,
      }),
    );
    const deliveries = await runOn(weighed, { confirm: [] });
    expect(deliveries[1]).toMatchObject({ state: "held", last_error: "replaced" });
    expect(here.assets).toEqual([video]);
    expect(here.calls).toEqual([]);
  });
});

describe("a later opposite decision of another worker", () => {
  it("stops the earlier one, which waits", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: at(1) }));
    const decided: Db = {
      ...here.db,
      async query<R>(...asked: Parameters<Db["query"]>) {
        const answer = await here.db.query<R>(...asked);
        // It comes between the first look and the reservation.
        if (asked[0].includes('"accessChanged"'))
          await here.db.query(
            `insert into moderation_decision (asset_id, version, kind, status, decided_at, action)
             select asset_id, version, kind, 'approved', decided_at + interval '1 minute', 'none'
             from moderation_decision where status = 'rejected' on conflict do nothing`,
          );
        return answer;
      },
    };
    const [, delivery] = await runOn(decided, { confirm: [] });
    expect(delivery).toMatchObject({ state: "due" });
    expect(here.calls).toEqual([]);
    expect(here.assets).toEqual([video]);
  });
});

describe("a handler past its deadline", () => {
  it("makes no further call", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    // The deadline passes between the question and its answer.
    const { handler, pass } = withDeadline(here.handler);
    here.instead.answer = () => {
      pass();
      return null;
    };
    here.cloudinary.faults.add({ kind: "delay", delayMs: 300, match: "explicit" });
    const [, again] = await runOn(here.db, {}, 40_000, handler);
    expect(again).toMatchObject({ state: "due" });
    expect(again?.last_error).toContain("deadline");
    await sleep(600);
    expect(here.lines()).toEqual(["upload ask /video/explicit"]);
    expect(here.assets).toEqual([video]);
  });

  it("makes no call without confirmation either, when the database was slow", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    await runOn(
      delayed(() => sleep(600)),
      { confirm: [] },
      300,
    );
    await sleep(500);
    expect(here.calls).toEqual([]);
    expect(here.assets).toEqual([video]);
  });

  it("reserves nothing when another worker has the delivery", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    const stolen: Db = {
      ...here.db,
      async query<R>(...asked: Parameters<Db["query"]>) {
        if (asked[0].includes("moderation_gate"))
          await here.db.query("update deliveries set attempts = attempts + 1 where state = 'running'");
        return await here.db.query<R>(...asked);
      },
    };
    await runOn(stolen);
    expect(here.calls).toEqual([]);
    expect(here.assets).toEqual([video]);
  });
});

describe("the deletion cap", () => {
  async function rejectThree() {
    for (let clip = 1; clip <= 3; clip += 1) {
      const video = here.put({ asset_id: hexId(), public_id: `clips/${clip}` });
      await here.tell(uploadOf(video));
      await here.tell(decisionOn(video, "rejected"));
    }
  }

  it("counts a deletion with an unknown outcome, even after its reservation expired", async () => {
    await rejectThree();
    here.cloudinary.faults.add({ kind: "reset", when: "after-work", match: "destroy" });
    await here.db.query(
      `update deliveries set due_at = now() + interval '1 hour'
       where id in (select id from deliveries where handler = 'moderation' order by created_at desc limit 2)`,
    );
    await here.run({ maxDeletionsPerHour: 1 });
    expect(here.assets).toHaveLength(2);
    // A minute later nobody holds it reserved any more.
    await here.db.query("update moderation_decision set carrying_until = now() - interval '1 second'");
    await here.db.query(
      "update deliveries set due_at = case when attempts > 0 then now() + interval '1 hour' else now() end where state = 'due'",
    );
    await here.run({ maxDeletionsPerHour: 1 });
    expect(here.assets).toHaveLength(2);

    await makeDue(here.db);
    const deliveries = await here.run({ maxDeletionsPerHour: 1 });
    expect(deliveries.filter(({ state }) => state === "done")).toMatchObject([
      { result: { action: "delete", method: "already" } },
    ]);
    expect(here.assets).toHaveLength(2);
    expect(deliveries.filter(({ last_error }) => last_error === "deletion-cap")).toHaveLength(2);
  });

  it("does not count rejected deletions or assets that someone else had deleted", async () => {
    const states = [];
    for (const clip of ["refused", "gone", "there"]) {
      const video = here.put({ asset_id: hexId(), public_id: `clips/${clip}` });
      await here.tell(uploadOf(video));
      await here.tell(decisionOn(video, "rejected"));
      if (clip === "refused") here.cloudinary.faults.add({ kind: "status", status: 400, match: "destroy" });
      if (clip === "gone") here.assets.pop();
      const { state, result } = (await here.run({ maxDeletionsPerHour: 1 })).at(-1) ?? {};
      states.push([state, result]);
    }
    expect(states).toEqual([
      ["dead", null],
      ["done", expect.objectContaining({ method: "already" })],
      ["done", expect.objectContaining({ method: "destroy" })],
    ]);
  });
});

describe("a 200 response that is not JSON", () => {
  it.each(["after-body", "after-work"] as const)(
    "%s: the outcome is unknown, and asked for",
    async (when) => {
      const video = here.put();
      await here.tell(uploadOf(video));
      await here.tell(decisionOn(video, "rejected"));
      here.cloudinary.faults.add({ kind: "not-json", when, match: "destroy" });
      const [, again] = await here.run();
      expect(again).toMatchObject({ state: "due", attempts: 1 });
      await makeDue(here.db);
      const [, done] = await here.run();
      expect(done).toMatchObject({ state: "done", result: { action: "delete" } });
      expect(here.assets).toEqual([]);
    },
  );

  it("is retried when it comes from the Admin API", async () => {
    const video = here.put();
    await here.tell(decisionOn(video, "rejected"));
    here.cloudinary.faults.add({ kind: "without", fields: ["moderation"], match: "explicit", times: 9 });
    here.cloudinary.faults.add({ kind: "not-json", match: "by_asset_ids" });
    const [again] = await here.run();
    expect(again).toMatchObject({ state: "due", attempts: 1 });
    await makeDue(here.db);
    expect((await here.run())[0]?.state).toBe("done");
  });
});

describe("a reservation", () => {
  const asset_id = hexId();
  const version = 1_760_000_123;
  const time = (minute: number) => new Date(`2025-10-09T09:${String(minute).padStart(2, "0")}:00Z`);
  const soon = "now() + interval '1 minute'";
  const ago = (minutes: number) => `now() - ${minutes} * interval '1 minute'`;

  interface Ledger {
    kind?: string;
    status?: string;
    minute?: number;
    asset?: string;
    version?: number;
    /** More columns, as SQL. */
    set?: string;
  }

  /** A decision on the version, as another delivery recorded it. */
  async function decided({ set = "answered = false", ...one }: Ledger) {
    const key = [
      one.asset ?? asset_id,
      one.version ?? version,
      one.kind ?? "manual",
      one.status ?? "rejected",
      time(one.minute ?? 10),
    ];
    await here.db.query(
      `insert into moderation_decision (asset_id, version, kind, status, decided_at, action, noted_at)
       values ($1, $2::bigint, $3, $4, $5::timestamptz, 'none', now() - interval '1 hour')`,
      key,
    );
    await here.db.query(
      `update moderation_decision set ${set} where asset_id = $1 and version = $2::bigint and kind = $3 and status = $4 and decided_at = $5::timestamptz`,
      key,
    );
  }

  /** A recorded notification about the version, with these columns changed. Returns its id. */
  async function recorded(changed: Record<string, unknown> = {}, body: object = {}): Promise<string> {
    const { rows } = await here.db.query<{ id: string }>(
      `insert into notifications (identity, body_sha256, type, asset_id, public_id, version, cloud, received_at, body)
       select gen_random_uuid()::text, '', g.type, g.asset_id, g.public_id, g.version, g.cloud, coalesce(g.received_at, now()), $2::bytea
       from jsonb_to_record($1::jsonb) as g (type text, asset_id text, public_id text, version bigint, cloud text, received_at timestamptz)
       returning id`,
      [
        JSON.stringify({ type: "upload", asset_id, public_id: "clips/otters", version, ...changed }),
        Buffer.from(JSON.stringify(body)),
      ],
    );
    return rows[0]?.id ?? "";
  }

  /** A delivery that this worker runs. */
  async function running(set = "attempts = 3"): Promise<string> {
    const other = await recorded({ type: "info", asset_id: hexId(), public_id: "elsewhere", version: 1 });
    const { rows } = await here.db.query<{ id: string }>(
      `insert into deliveries (notification_id, handler, state, attempts, lease_until)
       values ($1::uuid, 'moderation', 'running', 3, ${soon}) returning id`,
      [other],
    );
    const id = rows[0]?.id ?? "";
    await here.db.query(`update deliveries set ${set} where id = $1`, [id]);
    return id;
  }

  const row = (kind: string, status: string) => ({
    kind,
    status,
    decidedAt: time(10).getTime(),
    ...untouched,
  });

  /** Reserves the decision of minute 10, by default a rejection by `manual`. */
  async function reserving({ status = "rejected", ...changed }: Partial<Reserve> & { status?: string } = {}) {
    const { kind } = await reserve(here.db, {
      target: {
        identity: asset_id,
        cloud: "demo",
        assetId: asset_id,
        version,
        publicId: "clips/otters",
        resourceType: "video",
        type: "upload",
        urls: [],
        decisions: [],
      },
      row: row("manual", status),
      action: status === "rejected" ? "delete" : "publish",
      deliveryId: changed.deliveryId ?? (await running()),
      claimNumber: 3,
      read: [],
      leaseMs: 60_000,
      maxDeletionsPerHour: 1,
      isAsked: false,
      ...changed,
    });
    return kind;
  }

  const opposite = { status: "approved" };
  const carried = "carried_out_at = now()";
  it.each<[string, string, Ledger]>([
    ["a later opposite decision", "overruled", { ...opposite, minute: 11 }],
    ["one of the same time", "reserved", { ...opposite, minute: 10 }],
    ["an earlier one", "reserved", { ...opposite, minute: 9 }],
    ["a later one of the summary", "overruled", { ...opposite, kind: "summary", minute: 11 }],
    ["a later approval by another kind", "reserved", { ...opposite, kind: "aws_rek", minute: 11 }],
    [
      "a later approval by another kind, carried out",
      "reserved",
      { ...opposite, kind: "aws_rek", minute: 11, set: carried },
    ],
    ["a later status that decides nothing", "reserved", { status: "pending", minute: 11 }],
    ["a later rejection", "reserved", { minute: 11 }],
    [
      "a later one that was taken back",
      "reserved",
      { ...opposite, minute: 11, set: "taken_back_at = now()" },
    ],
    [
      "a later one that Cloudinary does not confirm",
      "reserved",
      { ...opposite, minute: 11, set: "unconfirmed_at = now()" },
    ],
    ["a later one of another asset", "reserved", { ...opposite, minute: 11, asset: hexId() }],
    ["a later one of an earlier version", "reserved", { ...opposite, minute: 11, version: version - 1 }],
    ["the same decision, carried out", "carried-out", { minute: 5, set: carried }],
    ["the same decision by another kind, carried out", "carried-out", { kind: "aws_rek", set: carried }],
    ["the same decision, not carried out", "reserved", { minute: 5 }],
    [
      "the same decision, carried out and taken back",
      "reserved",
      { minute: 5, set: `${carried}, taken_back_at = now()` },
    ],
    ["the opposite decision, carried out", "reserved", { ...opposite, minute: 5, set: carried }],
    [
      "the same decision, being carried out",
      "busy",
      { minute: 5, set: `carrying_until = ${soon}, delivery_id = gen_random_uuid()` },
    ],
    [
      "the same decision, whose reservation has expired",
      "reserved",
      { minute: 5, set: `carrying_until = ${ago(1)}, delivery_id = gen_random_uuid()` },
    ],
    [
      "the opposite decision, being carried out",
      "reserved",
      { ...opposite, minute: 5, set: `carrying_until = ${soon}, delivery_id = gen_random_uuid()` },
    ],
    [
      "the same decision of another kind, taken back",
      "reserved",
      { kind: "aws_rek", set: "taken_back_at = now()" },
    ],
    [
      "the same decision of another time, taken back",
      "reserved",
      { minute: 9, set: "taken_back_at = now()" },
    ],
    [
      "an opposite one of the same time, taken back",
      "reserved",
      { ...opposite, set: "taken_back_at = now()" },
    ],
  ])("of a deletion beside %s is %s", async (_, expected, beside) => {
    await decided({});
    await decided(beside);
    expect(await reserving()).toBe(expected);
  });

  it("of a publication stops at a later rejection by any kind", async () => {
    await decided(opposite);
    await decided({ kind: "aws_rek", minute: 11 });
    expect(await reserving(opposite)).toBe("overruled");
  });

  it("of a decision that was carried out, turned and repeated is made again", async () => {
    await decided({});
    await decided({ minute: 5, set: carried });
    await decided({ status: "pending", minute: 7 });
    await decided({ minute: 8 });
    await decided({ ...opposite, kind: "aws_rek", minute: 12 });
    expect(await reserving()).toBe("carried-out");
    await decided({ ...opposite, minute: 7 });
    expect(await reserving()).toBe("reserved");
  });

  it("stops at a decision that was taken back", async () => {
    await decided({ set: "taken_back_at = now()" });
    expect(await reserving()).toBe("taken-back");
  });

  it("of a decision that Cloudinary did not confirm is possible, whatever it did not confirm beside it", async () => {
    await decided({ set: "unconfirmed_at = now()" });
    for (const beside of [{ kind: "aws_rek" }, { minute: 9 }])
      await decided({ ...beside, set: `unconfirmed_at = now(), ${carried}` });
    expect(await reserving()).toBe("reserved");
    await here.db.query(
      "update moderation_decision set delivery_id = gen_random_uuid() where action = 'delete'",
    );
    expect(await reserving(), "while another delivery holds it").toBe("busy");
  });

  it("writes its own decision only: the action, who, until when, and the beginning of a deletion", async () => {
    await decided({});
    for (const beside of [
      { asset: hexId() },
      { version: version - 1 },
      { kind: "aws_rek" },
      opposite,
      { minute: 9 },
    ])
      await decided(beside);
    const deliveryId = await running();
    expect(await reserving({ deliveryId, leaseMs: 60_000 })).toBe("reserved");
    const written = async () =>
      (
        await here.db.query(
          `select kind, status, action, delivery_id as by, begun_at is not null as begun,
                  round(extract(epoch from carrying_until - now()) / 10)::int as "tenSeconds"
           from moderation_decision where action <> 'none'`,
        )
      ).rows;
    expect(await written()).toEqual([
      { kind: "manual", status: "rejected", action: "delete", by: deliveryId, begun: true, tenSeconds: 6 },
    ]);
    await here.db.query(
      "update moderation_decision set action = 'none', begun_at = null, carrying_until = null",
    );
    expect(await reserving({ deliveryId, action: "review" })).toBe("reserved");
    expect(await written()).toMatchObject([{ action: "review", begun: false }]);
  });

  it.each<[string, string, Ledger]>([
    ["one that was begun half an hour ago", "cap-reached", { set: `begun_at = ${ago(30)}` }],
    ["one that was begun long ago", "reserved", { set: `begun_at = ${ago(61)}` }],
    [
      "one that ended half an hour ago",
      "cap-reached",
      { set: `begun_at = ${ago(70)}, carried_out_at = ${ago(30)}` },
    ],
    ["one that ended long ago", "reserved", { set: `begun_at = ${ago(70)}, carried_out_at = ${ago(61)}` }],
    ["one that somebody else had deleted", "reserved", { set: `carried_out_at = ${ago(30)}` }],
    [
      "an earlier version of the asset",
      "cap-reached",
      { asset: asset_id, version: version - 1, set: `begun_at = ${ago(5)}` },
    ],
    ["its own earlier attempt", "reserved", { asset: asset_id, minute: 9, set: `begun_at = ${ago(5)}` }],
  ])("of a deletion within a cap of one, after %s is %s", async (_, expected, beside) => {
    await decided({});
    await decided({ asset: hexId(), ...beside });
    expect(await reserving()).toBe(expected);
    await decided(opposite);
    expect(await reserving(opposite), "publications are not limited").toBe("reserved");
  });

  it.each([
    ["is due again", "state = 'due'"],
    ["was claimed again", "attempts = 4"],
    ["has no lease any more", `lease_until = ${ago(1)}`],
  ])("fails if the delivery %s", async (_, set) => {
    await decided({});
    await running();
    const deliveryId = await running(set);
    await expect(reserving({ deliveryId })).rejects.toThrow("claimed by another worker");
    expect(await here.ledger()).toMatchObject([{ action: "none" }]);
  });

  it.each<[string, string, Record<string, unknown>]>([
    ["a decision on the version", "unread", { type: "moderation" }],
    ["one on another asset", "reserved", { type: "moderation", asset_id: hexId() }],
    ["one on an earlier version", "reserved", { type: "moderation", version: version - 1 }],
    ["one of another cloud", "reserved", { type: "moderation", cloud: "theirs" }],
    ["a notification that contains none", "reserved", { type: "access_control_changed" }],
    ["a newer version", "replaced", { type: "info", version: version + 1 }],
    ["a newer version in another cloud", "reserved", { type: "info", version: version + 1, cloud: "theirs" }],
    ["the name, taken by a newer asset", "replaced", { asset_id: hexId(), version: version + 1 }],
    ["the name, taken by a newer asset without an id", "replaced", { asset_id: null, version: version + 1 }],
    ["the name, in another cloud", "reserved", { asset_id: hexId(), version: version + 1, cloud: "theirs" }],
    ["the name of an older asset", "reserved", { asset_id: hexId(), version: version - 1 }],
    ["the name of an asset of the same second", "reserved", { asset_id: hexId() }],
    ["another name", "reserved", { asset_id: hexId(), version: version + 1, public_id: "clips/bears" }],
    ["the name, not in an upload", "reserved", { type: "info", asset_id: hexId(), version: version + 1 }],
  ])("with %s recorded since is %s", async (_, expected, changed) => {
    await decided({});
    const id = await recorded(changed);
    const deliveryId = await running();
    expect(await reserving({ deliveryId })).toBe(expected);
    const asked = { deliveryId, isAsked: true, read: [id] };
    expect(await reserving(asked), "where it was read, and Cloudinary is asked").toBe("reserved");
  });

  it.each([
    [{ resource_type: "video", type: "upload" }, "replaced"],
    [{ resource_type: "image", type: "upload" }, "reserved"],
    [{ resource_type: "video", type: "private" }, "reserved"],
    [{ type: "upload" }, "replaced"],
    [{ resource_type: "video" }, "replaced"],
  ])("with the name taken by %j: %s", async (body, expected) => {
    await decided({});
    await recorded({ asset_id: hexId(), version: version + 1 }, body);
    expect(await reserving()).toBe(expected);
  });

  it("ends if other deletions begin between every check and its reservation", async () => {
    // The update of the counter is lost each time, as to another delivery that was faster.
    await here.db.query(
      "create function lose() returns trigger language plpgsql as $$ begin return null; end $$",
    );
    await here.db.query(
      "create trigger lose before update on moderation_gate for each row execute function lose()",
    );
    try {
      await decided({});
      await expect(reserving()).rejects.toThrow("the ledger changed concurrently during every check");
    } finally {
      await here.db.query("drop function lose cascade");
    }
  });

  it("ignores versions from before an operator's reset of the asset", async () => {
    await decided({});
    await recorded({ version: version + 1, received_at: time(1) });
    expect(await reserving()).toBe("replaced");
    await here.db.query("insert into pim_asset (asset_id, reset_at) values ($1, now())", [asset_id]);
    expect(await reserving()).toBe("reserved");
  });
});
