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

describe("confirmation before irreversible actions", () => {
  it("holds a forged rejection with both statuses, and deletes nothing", async () => {
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

  it("holds a forged summary that names a kind which Cloudinary has not decided, though another kind rejected", async () => {
    const video = here.put({ moderation: [{ kind: "manual", status: "rejected" as const }] });
    await here.tell(uploadOf(video, { moderation: [{ kind: "manual", status: "pending" }] }));
    const { moderation_kind, moderation_status, ...about } = decisionOn(video, "rejected", { at: at(1) });
    await here.forge({
      ...about,
      notification_type: "moderation_summary",
      moderation_status: "rejected",
      moderation: [{ kind: "google_video_moderation", status: "rejected" }],
    });
    const ended = await here.run();
    expect(ended.at(-1)).toMatchObject({ state: "held", last_error: "not-confirmed" });
    expect(here.assets).toEqual([video]);
  });

  it("holds a decision whose rule was chosen by a resource type that the asset does not have", async () => {
    const image = here.put({
      resource_type: "image",
      format: "png",
      moderation: [{ kind: "google_video_moderation", status: "rejected" as const }],
    });
    const secure_url = `https://res.cloudinary.com/demo/video/upload/v${image.version}/${image.public_id}.mp4`;
    await here.forge(decisionOn(image, "rejected", { at: at(1), resource_type: "video", secure_url }));
    const ended = await here.run();
    expect(ended.at(-1)).toMatchObject({ state: "held" });
    expect(here.assets).toEqual([image]);
  });

  it("publishes nothing for a forged approval, even if the upload was not recorded", async () => {
    const video = here.put({ moderation: pending });
    await here.forge(decisionOn(video, "approved", { at: at(1) }));
    const [held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "not-confirmed" });
    expect(video.access_control).toEqual([{ access_type: "token" }]);
    expect(here.lines()).toEqual(["upload ask /video/explicit"]);
  });

  it("reads once from the Admin API when explicit returns no moderation, and records which call answered", async () => {
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

  it("does not touch a version that was replaced at Cloudinary without a notification yet", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    video.version += 60;
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "replaced" });
    expect(here.assets).toEqual([video]);
  });

  it("stops a decision when Cloudinary has a later one that has not arrived", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: at(1) }));
    video.moderation = [{ kind: "google_video_moderation", status: "approved", updated_at: at(2) }];
    const [, skipped] = await here.run();
    expect(skipped).toMatchObject({ state: "skipped", last_error: "overtaken" });
    expect(here.assets).toEqual([video]);
  });

  it("does not publish an approval that was taken back at Cloudinary", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved", { at: at(1) }));
    video.moderation = pending;
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "not-confirmed" });
    expect(video.access_control).toEqual([{ access_type: "token" }]);
  });

  it("applies to the configured actions", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved"));
    const [, done] = await here.run({ confirm: ["delete"] });
    expect(done).toMatchObject({ state: "done", result: { action: "publish", confirmedBy: null } });
    expect(here.lines()).toEqual(["upload POST /video/explicit"]);
  });

  it("retries when Cloudinary does not respond, and counts no deletion", async () => {
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
    background_removal: "complete",
  } as const;

  it("does not overwrite another asset with a background-removed picture", async () => {
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

  it("recognises its own completed rename", async () => {
    const asset = here.put(boot);
    await removeBackground();
    await here.tell(uploadOf(asset));
    await here.tell(decisionOn(asset, "approved", { kind: "manual", at: at(5) }));
    here.cloudinary.faults.add({ kind: "reset", when: "after-work", match: "rename" });
    const deliveries = await here.settle();
    expect(deliveries.at(-1)).toMatchObject({ state: "done", result: { method: "already" } });
    expect(asset).toMatchObject({ public_id: "bg-removed/shoes/boot", type: "upload" });
  });

  it("applies the general rule to pictures, not the rule for video moderation", async () => {
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
  it("is held and not reported as published", async () => {
    const video = here.put({ access_control: null, access_mode: "authenticated" });
    await here.tell(uploadOf(video, { access_mode: "authenticated" }));
    await here.tell(decisionOn(video, "approved"));
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "restricted-by-access-mode" });
  });

  it("is held when only the response to the call shows it", async () => {
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

  it("is not reported as published when the response omits the access", async () => {
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

describe("a review after background removal", () => {
  it("appears on the board once, immediately and without a notification", async () => {
    here.put({
      asset_id: "a".repeat(32),
      public_id: "shoes/boot",
      resource_type: "image",
      type: "private",
      background_removal: "complete",
    });
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

describe("a decision that Cloudinary does not confirm", () => {
  /** The genuine decision, with what Cloudinary holds; forged ones are sent before or after it. */
  const genuine = (video: ReturnType<World["put"]>, status: "approved" | "rejected", minute: number) =>
    here.tell(decisionOn(video, status, { at: at(minute) }));
  const carriedOut = { approved: "publish", rejected: "delete" } as const;

  const forgeries: [string, "approved" | "rejected", Record<string, unknown>][] = [
    ["the same decision, earlier", "rejected", { status: "rejected", at: at(1) }],
    ["the same decision, at the same time", "rejected", { status: "rejected", at: at(5) }],
    [
      "the same decision of another cloud's URL",
      "rejected",
      {
        status: "rejected",
        at: at(5),
        secure_url: "https://res.cloudinary.com/other/video/upload/v1760000123/clips/otters.mp4",
      },
    ],
    ["a rejection by an unknown kind", "approved", { status: "rejected", kind: "nonsense", at: at(1) }],
    ["an open status of an unknown kind", "approved", { status: "pending", kind: "nonsense", at: at(1) }],
    ["an aborted status, dated ahead", "rejected", { status: "aborted", at: at(9) }],
    ["an approval, dated ahead", "rejected", { status: "approved", at: at(9) }],
    ["a rejection, dated ahead", "approved", { status: "rejected", at: at(9) }],
    ["a rejection in the same second", "approved", { status: "rejected", at: at(5) }],
  ];
  const orders = ["before", "after, and processed first", "together"] as const;
  const cases = forgeries.flatMap((forgery) => orders.map((order) => [...forgery, order] as const));

  it.each(cases)(
    "%s: the genuine %s is carried out (%#)",
    async (_, status, { status: forgedStatus, ...changed }, order) => {
      const video = here.put({ moderation: pending.map((one) => ({ ...one })) });
      await here.tell(uploadOf(video));
      const forge = () => here.forge(decisionOn(video, String(forgedStatus), { ...changed, forged: true }));
      if (order === "before") {
        await forge();
        await here.run();
      }
      if (order === "together") await forge();
      await genuine(video, status, 5);
      if (order === "after, and processed first") {
        await forge();
        await here.db.query(
          `update deliveries set due_at = now() + interval '1 hour' where handler = 'moderation' and notification_id =
         (select id from notifications where position('"forged"'::bytea in body) = 0 and type = 'moderation')`,
        );
        await here.run();
        await makeDue(here.db);
      }
      const deliveries = await here.settle();
      expect(deliveries.filter(({ state }) => state === "done")).toMatchObject([
        { result: { action: carriedOut[status] } },
      ]);
      expect(here.assets.length).toBe(status === "rejected" ? 0 : 1);
    },
  );

  it("an approval that was taken back in its second is held, and a later one is carried out", async () => {
    const video = here.put({ moderation: pending.map((one) => ({ ...one })) });
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved", { at: at(1) }));
    await here.forge(decisionOn(video, "pending", { at: at(1) }));
    video.moderation = [{ kind: "google_video_moderation", status: "pending", updated_at: at(1) }];
    expect((await here.run())[1]).toMatchObject({ state: "held", last_error: "not-confirmed" });
    await here.tell(decisionOn(video, "approved", { at: at(2) }));
    expect((await here.run()).at(-1)).toMatchObject({ state: "done", result: { action: "publish" } });
  });

  it("is overtaken where Cloudinary has the opposite of the same second", async () => {
    const video = here.put({
      moderation: [{ kind: "google_video_moderation", status: "approved", updated_at: at(1) }],
    });
    await here.tell(uploadOf(video));
    await here.forge(decisionOn(video, "rejected", { at: at(1) }));
    expect((await here.run())[1]).toMatchObject({ state: "skipped", last_error: "overtaken" });
    expect(here.assets).toEqual([video]);
  });
});
