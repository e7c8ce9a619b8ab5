import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ModerationRule } from "../../../src/settings.types.ts";
import { hexId } from "../../support/bodies.ts";
import { makeDue } from "../../support/deliveries.ts";
import { decisionOn, uploadOf } from "./bodies.ts";
import { release, type World, world } from "./world.ts";

let here: World;
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());
beforeEach(() => here.reset());

const at = (minutes: number) => `2025-10-09T09:${String(minutes).padStart(2, "0")}:00Z`;
const lines = () => here.lines();
const image = { resource_type: "image", format: "jpg", public_id: "shoes/boot" } as const;
const holdRejected: ModerationRule = {
  approved: { do: "publish", by: "access-control" },
  rejected: { do: "hold" },
  pending: { do: "nothing" },
  aborted: { do: "nothing" },
};
const deleteRejected: ModerationRule = { ...holdRejected, rejected: { do: "delete" } };

describe("a decision", () => {
  it("M1: confirms an approval, then lifts the access control, both through the Upload API; a repeated approval makes no call", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved"));
    const [, first] = await here.run();
    expect(first).toMatchObject({
      state: "done",
      result: {
        action: "publish",
        method: "explicit",
        publicId: "clips/otters",
        version: video.version,
        was: { publicId: "clips/otters", type: "upload" },
      },
    });
    expect(video.access_control).toEqual([{ access_type: "anonymous" }]);
    expect(lines()).toEqual(["upload ask /video/explicit", "upload POST /video/explicit"]);

    await here.tell(decisionOn(video, "approved", { at: "2025-10-09T09:30:00Z" }));
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({ state: "skipped", last_error: "carried-out" });
    expect(here.calls).toHaveLength(2);
  });

  it("M1: carries out an approval inside an upload notification once", async () => {
    const video = here.put();
    const moderation = [
      { kind: "google_video_moderation", status: "approved", updated_at: "2025-10-09T08:55:53Z" },
    ];
    await here.tell(uploadOf(video, { existing: true, moderation }));
    await here.tell(decisionOn(video, "approved"));
    await here.run();
    await makeDue(here.db); // One of them may have found the other at it.
    const deliveries = await here.run();
    expect(deliveries.map(({ state }) => state).sort()).toEqual(["done", "skipped"]);
    // An upload to an existing name supplies no facts, so each delivery asks.
    expect(lines().filter((line) => line.includes("POST"))).toEqual(["upload POST /video/explicit"]);
  });

  it("M2: destroys a rejected asset with its resource and delivery type, and invalidates", async () => {
    const video = here.put({ type: "authenticated" });
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    const [, delivery] = await here.run();
    expect(delivery).toMatchObject({ state: "done", result: { action: "delete", method: "destroy" } });
    expect(here.calls).toMatchObject([
      { line: "ask /video/explicit" },
      {
        line: "POST /video/destroy",
        fields: { public_id: "clips/otters", type: "authenticated", invalidate: "true" },
      },
    ]);
    expect(here.assets).toEqual([]);
  });

  it("M2: is done when a rejected asset no longer exists", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    here.assets.length = 0;
    const [, delivery] = await here.run();
    expect(delivery).toMatchObject({ state: "done", result: { action: "delete", method: "already" } });
  });

  it.each(["pending", "queued", "aborted", "overridden", "a word of tomorrow"])(
    "M3: %s, it does nothing",
    async (status) => {
      const video = here.put();
      await here.tell(uploadOf(video));
      await here.tell(decisionOn(video, status));
      const [, delivery] = await here.run();
      expect(delivery).toMatchObject({ state: "skipped", last_error: "undecided" });
      expect(here.calls).toEqual([]);
      expect(here.assets).toHaveLength(1);
    },
  );

  it("M3: a late pending status does not revert a decision", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved", { at: at(1) }));
    await here.forge(decisionOn(video, "pending", { at: at(2) }));
    await here.run();
    expect(video.access_control).toEqual([{ access_type: "anonymous" }]);
  });

  it("M4: ignores a rejection that arrives after the approval that overruled it", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved", { at: at(2) }));
    await here.run();
    await here.tell(decisionOn(video, "rejected", { at: at(1) }));
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({ state: "skipped", last_error: "overtaken" });
    expect(lines()).toEqual(["upload ask /video/explicit", "upload POST /video/explicit"]);
  });

  it("M4: ignores an approval that arrives after the rejection that overruled it", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: at(2) }));
    await here.run();
    await here.tell(decisionOn(video, "approved", { at: at(1) }));
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({ state: "skipped", last_error: "overtaken" });
    expect(here.assets).toEqual([]);
    expect(lines()).toEqual(["upload ask /video/explicit", "upload POST /video/destroy"]);
  });

  it("M4: destroys an asset that is rejected after its approval", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved", { at: at(1) }));
    await here.run();
    await here.tell(decisionOn(video, "rejected", { at: at(2) }));
    await here.run();
    expect(lines()).toEqual([
      "upload ask /video/explicit",
      "upload POST /video/explicit",
      "upload ask /video/explicit",
      "upload POST /video/destroy",
    ]);
    expect(here.assets).toEqual([]);
  });

  it("M4: publishes an asset approved after a held rejection, which then has no effect", async () => {
    const boot = here.put(image);
    await here.tell(uploadOf(boot));
    await here.tell(decisionOn(boot, "rejected", { kind: "manual", at: at(1) }));
    const [, rejected] = await here.run();
    expect(rejected).toMatchObject({ state: "held", last_error: "awaits-person" });
    await here.tell(decisionOn(boot, "approved", { kind: "manual", at: at(2) }));
    await here.run();
    expect(boot.access_control).toEqual([{ access_type: "anonymous" }]);
    await release(here.db, rejected?.id ?? "");
    const [, released] = await here.run();
    expect(released).toMatchObject({ state: "skipped", last_error: "overtaken" });
    expect(here.assets).toHaveLength(1);
  });

  it("M4: holds an approval of an asset that has been deleted", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: at(1) }));
    await here.run();
    await here.tell(decisionOn(video, "approved", { at: at(2) }));
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({ state: "held", last_error: "already-deleted" });
    expect(here.calls).toHaveLength(2);
  });

  it("M4: decides about the newer version of an asset that was restored after its deletion", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: at(1) }));
    await here.run();
    expect(here.assets).toEqual([]);
    const restored = here.put({ asset_id: video.asset_id, version: video.version + 60 });
    await here.tell(uploadOf(restored));
    await here.tell(decisionOn(restored, "rejected", { at: at(3) }));
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({
      state: "done",
      result: { action: "delete", method: "destroy" },
    });
    expect(here.assets).toEqual([]);
  });

  it("M4: holds an approval as replaced, also after the version that replaced it was rejected and deleted", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    video.version += 60;
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: at(2) }));
    await here.run();
    expect(here.assets).toEqual([]);
    await here.tell(decisionOn({ ...video, version: video.version - 60 }, "approved", { at: at(1) }));
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({ state: "held", last_error: "replaced" });
  });

  it("M4: a rejection wins over an approval of the same second, in any order", async () => {
    for (const order of [
      ["approved", "rejected"],
      ["rejected", "approved"],
    ]) {
      await here.reset();
      const video = here.put();
      await here.tell(uploadOf(video));
      for (const status of order) {
        await here.tell(decisionOn(video, status));
        await here.run();
      }
      expect(here.assets).toEqual([]);
    }
  });

  it("waits for the grace period of a rejection", async () => {
    const video = here.put();
    const now = new Date().toISOString();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: now }));
    const [, waiting] = await here.run({ deleteAfterMs: 600_000 });
    expect(waiting?.state).toBe("due");
    expect(waiting?.dueInMs).toBeGreaterThan(500_000);
    expect(here.assets).toHaveLength(1);
    await makeDue(here.db);
    await here.run({ deleteAfterMs: 0 });
    expect(here.assets).toEqual([]);
  });
});

describe("several kinds of moderation", () => {
  const upload = (statuses: Record<string, string>) => ({
    moderation: Object.entries(statuses).map(([kind, status]) => ({ kind, status })),
  });

  it("M5: all kinds must approve, in any order", async () => {
    for (const [first, second] of [
      [decisionOptions("aws_rek", 1), decisionOptions("manual", 2)],
      [decisionOptions("manual", 2), decisionOptions("aws_rek", 1)],
    ] as const) {
      await here.reset();
      const boot = here.put(image);
      await here.tell(uploadOf(boot, upload({ aws_rek: "pending", manual: "queued" })));
      await here.tell(decisionOn(boot, "approved", first));
      await here.run();
      // What says that others are open may be forged.
      expect(lines()).toEqual(["upload ask /image/explicit"]);
      await here.tell(decisionOn(boot, "approved", second));
      await here.run();
      expect(lines().slice(1)).toEqual(["upload ask /image/explicit", "upload POST /image/explicit"]);
    }
  });

  it("M5: an approval waits for kinds that only the recorded upload names, even if its delivery has not run", async () => {
    const boot = here.put(image);
    await here.tell(uploadOf(boot, upload({ aws_rek: "pending", manual: "queued" })));
    await here.db.query("update deliveries set due_at = now() + interval '1 hour'");
    await here.tell(decisionOn(boot, "approved", decisionOptions("aws_rek", 1)));
    const [, delivery] = await here.run();
    expect(delivery).toMatchObject({ state: "skipped", last_error: "undecided" });
    expect(lines()).toEqual(["upload ask /image/explicit"]);
  });

  it("M5: one rejection decides, regardless of approvals", async () => {
    const boot = here.put(image);
    await here.tell(uploadOf(boot));
    await here.tell(decisionOn(boot, "rejected", decisionOptions("aws_rek", 1)));
    await here.tell(decisionOn(boot, "approved", decisionOptions("webpurify", 2)));
    await here.run({ rules: [deleteRejected] });
    expect(lines().filter((line) => line !== "upload ask /image/explicit")).toEqual([
      "upload POST /image/destroy",
    ]);
  });

  it("M5: holds a mixed result if configured", async () => {
    for (const order of [
      ["approved", "rejected"],
      ["rejected", "approved"],
    ]) {
      await here.reset();
      const boot = here.put(image);
      await here.tell(uploadOf(boot, upload({ approved_kind: "pending", rejected_kind: "queued" })));
      for (const [minute, status] of order.entries()) {
        await here.tell(decisionOn(boot, status, decisionOptions(`${status}_kind`, minute)));
        await here.run({ several: "hold", rules: [deleteRejected] });
      }
      const deliveries = await here.deliveries();
      expect(deliveries.filter(({ state }) => state === "held")).toMatchObject([
        { last_error: "kinds-disagree" },
      ]);
      expect(new Set(lines())).toEqual(new Set(["upload ask /image/explicit"]));
    }
  });

  it("M5: a summary decides", async () => {
    const boot = here.put(image);
    await here.tell(uploadOf(boot));
    await here.tell(decisionOn(boot, "rejected", decisionOptions("aws_rek", 1)));
    await here.run();
    const { moderation_kind: _kind, ...summary } = decisionOn(boot, "approved", { at: at(3) });
    boot.moderation = [{ kind: "aws_rek", status: "approved", updated_at: at(3) }];
    await here.tell({ ...summary, notification_type: "moderation_summary" });
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({ type: "moderation_summary", state: "done" });
    expect(boot.access_control).toEqual([{ access_type: "anonymous" }]);
  });

  it("M5: a summary that arrives before its decisions uses the rule of the deciding kind", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    const { moderation_kind: _kind, ...summary } = decisionOn(video, "rejected", { at: at(3) });
    const moderation = [
      { kind: "google_video_moderation", status: "rejected", updated_at: at(2) },
      { kind: "manual", status: "aborted" },
    ];
    await here.tell({ ...summary, notification_type: "moderation_summary", moderation });
    await here.run();
    expect(lines()).toEqual(["upload ask /video/explicit", "upload POST /video/destroy"]);
  });

  function decisionOptions(kind: string, minute: number) {
    return { kind, at: at(minute) };
  }
});

describe("before any change", () => {
  it("M7: holds the rejection of a version that has been replaced", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    const rejection = decisionOn(video, "rejected");
    video.version += 60;
    await here.tell(uploadOf(video));
    await here.tell(rejection);
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({ state: "held", last_error: "replaced" });
    expect(here.lines()).toEqual(["upload ask /video/explicit"]);
    await release(here.db, deliveries.at(-1)?.id ?? "");
    expect((await here.run()).at(-1)).toMatchObject({ state: "held", last_error: "replaced" });
    expect(here.lines()).toEqual(["upload ask /video/explicit", "upload ask /video/explicit"]);
    expect(here.assets).toEqual([video]);
  });

  it("M7: where Cloudinary is not asked, detects a new version that arrives between the first check and the call", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    // Between the first statement and the second: as soon as the decision is noted, another version stands there.
    await here.db.query(`
      create function newer_upload() returns trigger language plpgsql as $$ begin
        insert into notifications (identity, body_sha256, type, asset_id, public_id, version, body)
        values (gen_random_uuid()::text, '', 'upload', new.asset_id, 'clips/otters', new.version + 1, ''); return new; end $$`);
    await here.db.query(
      "create trigger newer_upload after insert on moderation_decision for each row execute function newer_upload()",
    );
    try {
      const deliveries = await here.run({ confirm: [] });
      expect(deliveries.at(-1)).toMatchObject({ state: "held", last_error: "replaced" });
      expect(here.calls).toEqual([]);
    } finally {
      await here.db.query("drop function newer_upload cascade");
    }
  });

  it("D7: a late rejection of a deleted asset does not affect a new asset of the same name", async () => {
    const old = here.put();
    await here.tell(uploadOf(old));
    here.assets.length = 0;
    const fresh = here.put({ asset_id: hexId(), version: old.version + 600 });
    await here.tell(uploadOf(fresh));
    await here.tell(decisionOn(old, "rejected"));
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({ state: "done", result: { method: "already" } });
    expect(here.lines().filter((line) => line.includes("POST"))).toEqual([]);
    expect(here.assets).toEqual([fresh]);
  });

  it("D7: an image of the same name does not replace a video", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(
      uploadOf({
        ...video,
        ...image,
        public_id: video.public_id,
        asset_id: hexId(),
        version: video.version + 5,
      }),
    );
    await here.tell(decisionOn(video, "rejected"));
    await here.run();
    expect(lines()).toEqual(["upload ask /video/explicit", "upload POST /video/destroy"]);
  });

  it("M7: without a recorded upload, one read checks whether the version is current", async () => {
    const video = here.put();
    await here.tell(decisionOn(video, "rejected"));
    await here.run();
    expect(lines()).toEqual(["upload ask /video/explicit", "upload POST /video/destroy"]);

    await here.reset();
    const replaced = here.put({ version: video.version + 1 });
    await here.tell(decisionOn({ ...replaced, version: video.version }, "rejected"));
    const [delivery] = await here.run();
    expect(delivery).toMatchObject({ state: "held", last_error: "replaced" });
    expect(lines()).toEqual(["upload ask /video/explicit"]);
    expect(here.assets).toEqual([replaced]);
  });

  it("M7: without a recorded upload or confirmation, the same read finds a version that was replaced", async () => {
    const replaced = here.put();
    await here.tell(decisionOn({ ...replaced, version: replaced.version - 1 }, "rejected"));
    const [delivery] = await here.run({ confirm: [] });
    expect(delivery).toMatchObject({ state: "held", last_error: "replaced" });
    expect(here.assets).toEqual([replaced]);
  });

  it("M5: without a recorded upload, the same read returns the other kinds", async () => {
    const boot = here.put({
      ...image,
      moderation: [
        { kind: "aws_rek", status: "approved", updated_at: at(1) },
        { kind: "manual", status: "pending" },
      ],
    });
    await here.tell(decisionOn(boot, "approved", { kind: "aws_rek", at: at(1) }));
    const [delivery] = await here.run();
    expect(delivery).toMatchObject({ state: "skipped", last_error: "undecided" });
    expect(lines()).toEqual(["upload ask /image/explicit"]);
  });

  it("follows an asset that was renamed, by one read", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    video.public_id = "archive/otters";
    await here.run();
    expect(lines()).toEqual([
      "upload ask /video/explicit",
      "admin GET /resources/by_asset_ids",
      "upload POST /video/destroy",
    ]);
    expect(here.assets).toEqual([]);
  });

  it("acts on an old body without an asset id by its name, after a read", async () => {
    const video = here.put();
    await here.tell(decisionOn(video, "rejected", { asset_id: undefined }));
    await here.run();
    expect(lines()).toEqual(["upload ask /video/explicit", "upload POST /video/destroy"]);
  });

  it("holds assets of other clouds and assets without a version", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(
      decisionOn(video, "rejected", {
        secure_url: "https://res.cloudinary.com/elsewhere/video/upload/v1760000123/clips/otters.mp4",
      }),
    );
    await here.tell(
      decisionOn(video, "rejected", {
        version: undefined,
        secure_url: "https://res.cloudinary.com/demo/video/upload/clips/otters.mp4",
      }),
    );
    const deliveries = await here.run();
    expect(deliveries.slice(1)).toMatchObject([
      { state: "held", last_error: "other-cloud" },
      { state: "held", last_error: "version-unknown" },
    ]);
    expect(here.calls).toEqual([]);
  });

  it("accepts hosts in ownHosts", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    const secure_url = "https://pictures.example.com/video/upload/v1760000123/clips/otters.mp4";
    await here.tell(decisionOn(video, "approved", { secure_url }));
    await here.run({ ownHosts: ["pictures.example.com"] });
    expect(lines()).toEqual(["upload ask /video/explicit", "upload POST /video/explicit"]);
  });

  it("M8: a dry run records the action and makes no change", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    const [, delivery] = await here.run({ dryRun: true });
    expect(delivery).toMatchObject({ state: "done", result: { dryRun: true, would: "delete" } });
    expect(await here.ledger()).toMatchObject([{ status: "rejected", action: "would-delete", done: false }]);
    expect(here.calls).toEqual([]);
  });

  it("M8: concurrent deletions do not exceed the cap", async () => {
    // Each reservation takes a while, so that the next ones look before it is there to be seen.
    await here.db.query(`
      create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(0.1); return new; end $$`);
    await here.db.query(
      "create trigger linger before update on moderation_decision for each row execute function linger()",
    );
    try {
      for (let clip = 1; clip <= 6; clip += 1) {
        const video = here.put({ asset_id: hexId(), public_id: `clips/${clip}` });
        await here.tell(uploadOf(video));
        await here.tell(decisionOn(video, "rejected"));
      }
      await here.run({ maxDeletionsPerHour: 2 });
      expect(here.assets).toHaveLength(4);
    } finally {
      await here.db.query("drop function linger cascade");
    }
  });

  it("M8: holds deletions beyond the cap with eight concurrent deliveries, counted by the ledger", async () => {
    for (let clip = 1; clip <= 10; clip += 1) {
      const video = here.put({ asset_id: hexId(), public_id: `clips/${clip}` });
      await here.tell(uploadOf(video));
      await here.tell(decisionOn(video, "rejected"));
    }
    const deliveries = await here.run({ maxDeletionsPerHour: 4 });
    expect(here.assets).toHaveLength(6);
    const held = deliveries.filter(({ state }) => state === "held");
    expect(held.map(({ last_error }) => last_error)).toEqual(Array(6).fill("deletion-cap"));

    await release(here.db, held[0]?.id ?? "");
    await here.run({ maxDeletionsPerHour: 4 });
    expect(here.assets).toHaveLength(5);

    await here.db.query(
      "update moderation_decision set carried_out_at = carried_out_at - interval '61 minutes'",
    );
    const later = here.put({ asset_id: hexId(), public_id: "clips/later" });
    await here.tell(uploadOf(later));
    await here.tell(decisionOn(later, "rejected"));
    await here.run({ maxDeletionsPerHour: 4 });
    expect(here.assets).toHaveLength(5);
  });
});

describe("once", () => {
  it("makes one call for twenty concurrent notifications of one decision", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    for (let copy = 0; copy < 20; copy += 1) await here.tell(decisionOn(video, "rejected", { copy }));
    here.cloudinary.faults.add({ kind: "delay", delayMs: 300, match: "destroy" });
    await here.run();
    await makeDue(here.db);
    const deliveries = await here.run();
    expect(lines()).toEqual(["upload ask /video/explicit", "upload POST /video/destroy"]);
    const states = deliveries.slice(1).map(({ state }) => state);
    expect(states.filter((state) => state === "done")).toHaveLength(1);
    expect(new Set(states)).toEqual(new Set(["done", "skipped"]));
  });

  it("makes one call when two deliveries reserve at the same time", async () => {
    // Each reservation takes a while, so that the next one looks before it is there to be seen.
    await here.db.query(`
      create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return new; end $$`);
    await here.db.query(
      "create trigger linger before update on moderation_decision for each row execute function linger()",
    );
    try {
      const video = here.put();
      await here.tell(uploadOf(video));
      for (let copy = 0; copy < 3; copy += 1) await here.tell(decisionOn(video, "approved", { copy }));
      await here.run({ confirm: [] });
      expect(lines().filter((line) => line.startsWith("upload POST"))).toHaveLength(1);
    } finally {
      await here.db.query("drop function linger cascade");
    }
  });

  it("does not hold a second notification of a held decision", async () => {
    const boot = here.put(image);
    await here.tell(uploadOf(boot));
    await here.tell(decisionOn(boot, "rejected", { kind: "manual", at: at(1) }));
    await here.run();
    await here.tell(decisionOn(boot, "rejected", { kind: "manual", at: at(1), again: true }));
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({ state: "skipped", last_error: "held" });
  });

  it("I4: detects a completed deletion on retry after its response was lost", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    here.cloudinary.faults.add({ kind: "reset", when: "after-work", match: "destroy" });
    const [, first] = await here.run();
    expect(first?.state).toBe("due");
    await makeDue(here.db);
    const [, second] = await here.run();
    expect(second).toMatchObject({ state: "done", result: { action: "delete", method: "already" } });
  });
});

describe("rules", () => {
  it("match by folder, tag and kind; the first match applies", async () => {
    const kept = here.put({ public_id: "kept/clip", asset_id: hexId(), asset_folder: "kept/2025" });
    const tagged = here.put({ public_id: "clips/tagged", asset_id: hexId(), tags: ["legal-hold"] });
    const other = here.put({ public_id: "clips/other", asset_id: hexId() });
    const rules = [
      { ...holdRejected, when: { folder: "kept" } },
      { ...holdRejected, when: { tag: "legal-hold" } },
      deleteRejected,
    ];
    for (const video of [kept, tagged, other]) {
      await here.tell(uploadOf(video, { tags: video.tags, asset_folder: video.asset_folder }));
      await here.tell(decisionOn(video, "rejected"));
    }
    await here.run({ rules });
    expect(here.assets).toEqual([kept, tagged]);
  });

  it("delete the asset when a held rejection is released", async () => {
    const boot = here.put(image);
    await here.tell(uploadOf(boot));
    await here.tell(decisionOn(boot, "rejected", { kind: "manual" }));
    const [, held] = await here.run();
    expect(here.calls).toEqual([]);
    await release(here.db, held?.id ?? "");
    const [, released] = await here.run();
    expect(released).toMatchObject({ state: "done", result: { action: "delete" } });
    expect(here.assets).toEqual([]);
  });

  it("can hold an undecided asset or send an e-mail about it", async () => {
    const boot = here.put(image);
    const moderation = [{ kind: "manual", status: "pending" }];
    await here.tell(uploadOf(boot, { moderation }));
    const [held] = await here.run({ rules: [{ ...holdRejected, pending: { do: "hold" } }] });
    expect(held).toMatchObject({ state: "held", last_error: "awaits-person" });

    await here.reset();
    await here.tell(uploadOf(boot, { moderation }));
    await here.run({ rules: [{ ...holdRejected, pending: { do: "notify" } }] });
    expect(await here.deliveries("email")).toMatchObject([{ state: "due" }]);
  });

  it("do not publish assets that are public, have dates, or are restricted by delivery type", async () => {
    const access_control = [
      { access_type: "token" as const },
      { access_type: "anonymous" as const, start: "2030-01-01T00:00:00Z" },
    ];
    const open = here.put({ ...image, asset_id: hexId(), public_id: "a", access_control: null });
    const dated = here.put({ ...image, asset_id: hexId(), public_id: "b", access_control });
    const original = here.put({ ...image, asset_id: hexId(), public_id: "c", type: "private" });
    await here.tell(uploadOf(open, { access_control: null }));
    await here.tell(uploadOf(dated, { access_control }));
    await here.tell(uploadOf(original));
    for (const asset of [open, dated, original])
      await here.tell(decisionOn(asset, "approved", { kind: "aws_rek" }));
    const deliveries = await here.run();
    expect(deliveries.slice(3)).toMatchObject([
      { state: "skipped", last_error: "not-restricted" },
      { state: "held", last_error: "access-has-dates" },
      { state: "held", last_error: "restricted-by-delivery-type" },
    ]);
    expect(lines()).toEqual(["upload ask /image/explicit", "upload ask /image/explicit"]);
  });
});
