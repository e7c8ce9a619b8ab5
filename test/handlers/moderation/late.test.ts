import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Db } from "../../../src/lib/database/pool.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { hexId } from "../../support/bodies.ts";
import { makeDue } from "../../support/deliveries.ts";
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

async function runOn(db: Db, changed = {}, handlerTimeoutMs = 15_000) {
  await deliver({
    db,
    handlers: [here.handler],
    settings: settingsWith(changed),
    budgetMs: handlerTimeoutMs + 10_000,
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
    20_000,
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
  }, 20_000);
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
    // The question is answered after the deadline.
    here.cloudinary.faults.add({ kind: "delay", delayMs: 700, match: "explicit" });
    const [, again] = await runOn(here.db, {}, 300);
    expect(again).toMatchObject({ state: "due" });
    expect(again?.last_error).toContain("deadline");
    await sleep(1_000);
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
