import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { settings } from "../../../src/settings.ts";
import { hexId } from "../../support/bodies.ts";
import { decisionOn, uploadOf } from "./bodies.ts";
import { type World, world } from "./world.ts";

let here: World;
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());
beforeEach(() => here.reset());

const at = (minutes: number) => `2025-10-09T09:${String(minutes).padStart(2, "0")}:00Z`;
const changes = () => here.lines().filter((line) => line.includes(" POST ") || line.includes(" PUT "));

/** What was recorded until now was signed a minute earlier. */
async function aMinuteAgo() {
  await here.db.query("update notifications set signed_at = signed_at - interval '1 minute'");
}

describe("a forged background removal", () => {
  const boot = {
    public_id: "shoes/boot",
    resource_type: "image",
    type: "authenticated",
    format: "png",
  } as const;
  const removalOf = (asset: ReturnType<World["put"]>, changed: Record<string, unknown> = {}) => ({
    notification_type: "info",
    info_kind: "cloudinary_ai",
    info_status: "complete",
    asset_id: asset.asset_id,
    public_id: asset.public_id,
    version: asset.version,
    secure_url: `https://res.cloudinary.com/demo/image/authenticated/s--ab12cd34--/v${asset.version}/${asset.public_id}.png`,
    ...changed,
  });

  it("requests no review of a picture whose background Cloudinary has not removed, and chooses no rule", async () => {
    const asset = here.put(boot);
    await here.forge(removalOf(asset));
    const [held] = await here.run();
    expect(held).toMatchObject({
      state: "held",
      last_error: "not-confirmed",
      result: {
        notification: { status: "complete", version: asset.version },
        cloudinary: { version: asset.version, backgroundRemoval: null },
      },
    });
    expect(changes()).toEqual([]);
    await here.tell(uploadOf(asset));
    await here.tell(decisionOn(asset, "approved", { kind: "manual", at: at(5) }));
    expect((await here.run()).at(-1)).toMatchObject({ last_error: "restricted-by-delivery-type" });
    expect(asset.public_id).toBe("shoes/boot");
  });

  it("does not reset an approval to pending", async () => {
    const approved = { kind: "manual", status: "approved" as const, updated_at: at(1) };
    const asset = here.put({ ...boot, background_removal: "complete", moderation: [approved] });
    await here.forge(removalOf(asset));
    expect(await here.run()).toMatchObject([{ state: "skipped", last_error: "already-decided" }]);
    expect(changes()).toEqual([]);
    expect(asset.moderation).toEqual([approved]);
  });

  it.each([
    ["an older version", {}, { version: 1_760_000_100 }, "replaced"],
    ["a public picture as a restricted one", { type: "upload" }, {}, "not-restricted"],
    ["an asset that does not exist", {}, { asset_id: "e".repeat(32) }, "gone"],
    ["no asset id", {}, { asset_id: undefined }, "asset-unknown"],
  ])("that names %s requests no review", async (_, real, named, reason) => {
    const asset = here.put({ ...boot, background_removal: "complete", ...real });
    await here.forge(removalOf(asset, named));
    expect(await here.run()).toMatchObject([{ last_error: reason }]);
    expect(changes()).toEqual([]);
    expect(asset.moderation).toEqual([]);
  });
});

describe("a forged newer version", () => {
  it.each([
    ["of the same asset", (video: object) => ({ ...video, version: 1_760_000_423 }), "rejected", "delete"],
    ["of the same asset", (video: object) => ({ ...video, version: 1_760_000_423 }), "approved", "publish"],
    [
      "of another asset with the same name",
      (video: object) => ({ ...video, asset_id: hexId(), version: 1_760_000_423 }),
      "rejected",
      "delete",
    ],
  ] as const)("%s does not stop a decision (%#)", async (_, forged, status, action) => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.forge(uploadOf({ ...video, ...forged(video) }));
    await here.tell(decisionOn(video, status, { at: at(5) }));
    const deliveries = await here.run();
    expect(deliveries.at(-1)).toMatchObject({ state: "done", result: { action, confirmedBy: "explicit" } });
    expect(here.lines()).toHaveLength(2);
  });
});

describe("a forged upload", () => {
  const publicAccess = { access_mode: "public", access_control: undefined };

  it.each([
    ["with public access", publicAccess, settings.moderation.rules],
    [
      "with a tag that a rule leaves alone",
      { tags: ["ignore"] },
      [
        {
          when: { tag: "ignore" },
          approved: { do: "nothing" },
          rejected: { do: "nothing" },
          pending: { do: "nothing" },
          aborted: { do: "nothing" },
        } as const,
        ...settings.moderation.rules,
      ],
    ],
    [
      "in a folder with another way to publish",
      { asset_folder: "other" },
      [
        {
          when: { folder: "other" },
          approved: { do: "publish", by: "rename", folder: "elsewhere", overwrite: false },
          rejected: { do: "nothing" },
          pending: { do: "nothing" },
          aborted: { do: "nothing" },
        } as const,
        ...settings.moderation.rules,
      ],
    ],
  ])("%s does not change what an approval does", async (_, forged, rules) => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await aMinuteAgo();
    await here.forge(uploadOf(video, forged));
    await here.tell(decisionOn(video, "approved", { at: at(5) }));
    const deliveries = await here.run({ rules });
    expect(deliveries.at(-1)).toMatchObject({
      state: "done",
      result: { action: "publish", publicId: "clips/otters", confirmedBy: "explicit" },
    });
    expect(video.access_control).toEqual([{ access_type: "anonymous" }]);
  });

  it("to an existing name supplies no facts where nothing is confirmed", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await aMinuteAgo();
    await here.forge(uploadOf(video, { ...publicAccess, existing: true }));
    await here.tell(decisionOn(video, "approved", { at: at(5) }));
    expect((await here.run({ confirm: [] })).at(-1)).toMatchObject({
      state: "done",
      result: { action: "publish" },
    });
  });

  it("an approval of a public asset whose version was replaced is held, although the newer version is public too", async () => {
    const video = here.put({ access_control: null });
    await here.tell(uploadOf(video, publicAccess));
    await here.tell(decisionOn(video, "approved", { at: at(5) }));
    video.version += 60;
    expect((await here.run()).at(-1)).toMatchObject({ state: "held", last_error: "replaced" });
    expect(here.lines()).toEqual(["upload ask /video/explicit"]);
  });

  it("a genuine approval of a public asset ends as not-restricted with one call and no Admin call", async () => {
    const video = here.put({ access_control: null });
    await here.tell(uploadOf(video, publicAccess));
    await here.tell(decisionOn(video, "approved", { at: at(5) }));
    expect((await here.run()).at(-1)).toMatchObject({ state: "skipped", last_error: "not-restricted" });
    expect(here.lines()).toEqual(["upload ask /video/explicit"]);
  });
});

describe("a forged decision that a rule puts on hold", () => {
  const rules = [
    {
      when: { kind: "aws_rek" },
      approved: { do: "hold" },
      rejected: { do: "hold" },
      pending: { do: "nothing" },
      aborted: { do: "nothing" },
    } as const,
    ...settings.moderation.rules,
  ];

  it.each([
    ["dated earlier", at(1)],
    ["dated later", at(9)],
  ])("%s ends when a person's decision is confirmed", async (_, forgedAt) => {
    const video = here.put({ moderation: [{ kind: "manual", status: "pending" as const }] });
    await here.tell(uploadOf(video));
    await here.forge(decisionOn(video, "approved", { kind: "aws_rek", at: forgedAt }));
    expect((await here.run({ rules })).slice(1)).toMatchObject([{ state: "held" }]);
    await here.tell(decisionOn(video, "approved", { kind: "manual", at: at(5) }));
    await here.run({ rules });
    const deliveries = await here.settle({ rules });
    expect(deliveries.at(-1)).toMatchObject({ state: "done", result: { action: "publish" } });
    expect(deliveries[1]).toMatchObject({ state: "skipped", last_error: "carried-out" });
  });
});
