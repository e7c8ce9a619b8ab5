import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
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
const pending = [{ kind: "google_video_moderation", status: "pending" as const }];

describe("before the irreversible, Cloudinary is asked", () => {
  it("a forged rejection deletes nothing: it is held, with both words", async () => {
    const video = here.put({ moderation: pending });
    await here.tell(uploadOf(video));
    await here.forge(decisionOn(video, "rejected", { at: at(1) }));
    const [, held] = await here.run();
    expect(held).toMatchObject({
      state: "held",
      last_error: "not-confirmed",
      result: {
        notification: { kind: "google_video_moderation", status: "rejected", version: video.version },
        cloudinary: {
          version: video.version,
          moderation: [{ kind: "google_video_moderation", status: "pending" }],
        },
        askedBy: "explicit",
      },
    });
    expect(here.lines()).toEqual(["upload ask /video/explicit"]);
    expect(here.assets).toEqual([video]);

    await release(here.db, held?.id ?? "");
    expect((await here.run())[1]).toMatchObject({ state: "held", last_error: "not-confirmed" });
    expect(here.assets).toEqual([video]);
  });

  it("a forged approval publishes nothing, of an asset whose upload was not recorded neither", async () => {
    const video = here.put({ moderation: pending });
    await here.forge(decisionOn(video, "approved", { at: at(1) }));
    const [held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "not-confirmed" });
    expect(video.access_control).toEqual([{ access_type: "token" }]);
    expect(here.lines()).toEqual(["upload ask /video/explicit"]);
  });

  it("an answer of explicit without moderation costs one Admin read, and the record says which way answered", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    here.cloudinary.faults.add({ kind: "without", fields: ["moderation"], match: "explicit" });
    const [, done] = await here.run();
    expect(done).toMatchObject({ state: "done", result: { action: "delete", confirmedBy: "admin" } });
    expect(here.lines()).toEqual([
      "upload ask /video/explicit",
      "admin GET /resources/by_asset_ids",
      "upload POST /video/destroy",
    ]);
    const { rows } = await here.db.query("select confirmed_by from moderation_decision");
    expect(rows).toEqual([{ confirmed_by: "admin" }]);
  });

  it("a version that Cloudinary replaced and nobody told of yet is not touched", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    video.version += 60;
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "replaced" });
    expect(here.assets).toEqual([video]);
  });

  it("a later decision that Cloudinary names, and that has not arrived, stops the earlier one", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: at(1) }));
    video.moderation = [{ kind: "google_video_moderation", status: "approved", updated_at: at(2) }];
    const [, skipped] = await here.run();
    expect(skipped).toMatchObject({ state: "skipped", last_error: "overtaken" });
    expect(here.assets).toEqual([video]);
  });

  it("approved and taken back at Cloudinary, it is not published", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved", { at: at(1) }));
    video.moderation = pending;
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "not-confirmed" });
    expect(video.access_control).toEqual([{ access_type: "token" }]);
  });

  it("a setting says for which actions", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved"));
    const [, done] = await here.run({ confirm: ["delete"] });
    expect(done).toMatchObject({ state: "done", result: { action: "publish", confirmedBy: null } });
    expect(here.lines()).toEqual(["upload POST /video/explicit"]);
  });

  it("Cloudinary silent when asked: tried again, and no deletion is counted", async () => {
    const [first, second] = ["clips/1", "clips/2"].map((public_id) =>
      here.put({ asset_id: hexId(), public_id }),
    );
    if (!first || !second) throw new Error("no asset");
    here.cloudinary.faults.add({ kind: "status", status: 503, match: "explicit" });
    await here.tell(decisionOn(first, "rejected"));
    const [again] = await here.run({ maxDeletionsPerHour: 1 });
    expect(again).toMatchObject({ state: "due", attempts: 1 });
    await here.tell(decisionOn(second, "rejected"));
    const deliveries = await here.run({ maxDeletionsPerHour: 1 });
    expect(deliveries.at(-1)).toMatchObject({ state: "done", result: { method: "destroy" } });
  });
});

describe("by default", () => {
  const boot = {
    asset_id: "b".repeat(32),
    public_id: "shoes/boot",
    resource_type: "image",
    type: "authenticated",
    format: "png",
  } as const;

  it("a picture without its background does not overwrite another asset's", async () => {
    const asset = here.put(boot);
    const other = here.put({
      ...boot,
      asset_id: hexId(),
      public_id: "bg-removed/shoes/boot",
      type: "upload",
    });
    await removeBackground();
    await here.tell(uploadOf(asset));
    await here.tell(decisionOn(asset, "approved", { kind: "manual", at: at(5) }));
    const deliveries = await here.settle();
    expect(deliveries.at(-1)).toMatchObject({ state: "held", last_error: "name-taken" });
    expect(here.assets).toEqual([asset, other]);
  });

  it("a repeat of our own rename is recognised as done", async () => {
    const asset = here.put(boot);
    await removeBackground();
    await here.tell(uploadOf(asset));
    await here.tell(decisionOn(asset, "approved", { kind: "manual", at: at(5) }));
    here.cloudinary.faults.add({ kind: "reset", when: "after-work", match: "rename" });
    const deliveries = await here.settle();
    expect(deliveries.at(-1)).toMatchObject({ state: "done", result: { method: "already" } });
    expect(asset).toMatchObject({ public_id: "bg-removed/shoes/boot", type: "upload" });
  });

  it("a rule on video moderation leaves pictures to the general rule", async () => {
    const asset = here.put({ ...boot, type: "upload" });
    await here.tell(uploadOf(asset));
    await here.tell(decisionOn(asset, "rejected"));
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "awaits-person" });
  });

  async function removeBackground() {
    await here.tell({
      notification_type: "info",
      info_kind: "cloudinary_ai",
      info_status: "complete",
      asset_id: boot.asset_id,
      public_id: boot.public_id,
      version: 1_760_000_123,
      secure_url:
        "https://res.cloudinary.com/demo/image/authenticated/s--ab12cd34--/v1760000123/shoes/boot.png",
    });
    await here.run();
    here.calls.length = 0;
  }
});

describe("an asset that access_mode restricts", () => {
  it("is held, not said to be published", async () => {
    const video = here.put({ access_control: null });
    await here.tell(uploadOf(video, { access_mode: "authenticated" }));
    await here.tell(decisionOn(video, "approved"));
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "restricted-by-access-mode" });
  });

  it("is held when only the answer to the call shows it", async () => {
    const video = here.put();
    await here.tell(uploadOf(video, { access_control: undefined }));
    await here.tell(decisionOn(video, "approved"));
    here.instead.answer = ({ line, fields }) =>
      line === "POST /video/explicit" && "access_control" in fields
        ? Response.json({ public_id: video.public_id, access_mode: "authenticated" })
        : null;
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "restricted-by-access-mode" });
    expect(await here.ledger()).toMatchObject([{ action: "hold", done: false }]);
  });

  it("silence about the access is not taken for success", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved"));
    here.instead.answer = ({ line }) =>
      line === "POST /video/explicit" || line.startsWith("POST /resources/")
        ? Response.json({ public_id: video.public_id })
        : null;
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "access-control-kept" });
  });
});

describe("a review after a removed background", () => {
  it("is on the board at once, without a notification of it, and once", async () => {
    here.put({ asset_id: "a".repeat(32), public_id: "shoes/boot", resource_type: "image", type: "private" });
    const told = {
      notification_type: "info",
      info_kind: "cloudinary_ai",
      info_status: "complete",
      asset_id: "a".repeat(32),
      public_id: "shoes/boot",
      version: 1_760_000_123,
      secure_url: "https://res.cloudinary.com/demo/image/private/s--ab12cd34--/v1760000123/shoes/boot.png",
    };
    await here.tell(told);
    await here.tell({ ...told, again: true });
    await here.run();
    await makeDue(here.db);
    await here.run();
    const waiting = (await here.ledger()).filter(({ status }) => status === "pending");
    expect(waiting).toMatchObject([{ kind: "manual", action: "none" }]);
  });
});
