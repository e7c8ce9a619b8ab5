import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { productPicture, video } from "../../../src/local/samples.ts";
import { release, type World, world } from "./world.ts";

let here: World;
let picture: string;
let clip: string;
beforeAll(async () => {
  here = await world();
  picture = `data:image/png;base64,${(await productPicture()).toString("base64")}`;
  clip = `data:video/webm;base64,${(await video()).toString("base64")}`;
});
afterAll(() => here.close());
beforeEach(async () => {
  await here.reset();
  here.listen();
});

/** What the receiver asked, without the uploads that the tests made. */
const asked = () =>
  here.calls.filter(({ line }) => !line.endsWith("/upload")).map(({ api, line }) => `${api} ${line}`);

const uploadClip = (name: string) =>
  here.sdk.uploader.upload(clip, {
    public_id: name,
    resource_type: "video",
    access_control: [{ access_type: "token" }],
    moderation: "google_video_moderation:possible",
  });

describe("with a global trigger on all types, which also notifies about the receiver's own calls", () => {
  it("F11, D10: an approved video becomes public with two calls and no further ones", async () => {
    await uploadClip("clips/otters");
    await here.settle({}, [here.pim]);
    expect(asked()).toEqual(["upload ask /video/explicit", "upload POST /video/explicit"]);
    expect(here.assets).toMatchObject([{ access_control: [{ access_type: "anonymous" }] }]);

    const types = await seen();
    expect(types).toContain("access_control_changed"); // Our own call came back, and led to nothing.
    await here.settle({}, [here.pim]);
    expect(asked()).toHaveLength(2);
  });

  it("F11, D10: a rejected video is deleted, and its delete notification removes it from the PIM", async () => {
    await here.sdk.uploader.upload(clip, { public_id: "products/VASE-1/reject", resource_type: "video" });
    await here.settle({}, [here.pim]);
    expect(await pimAssets()).toMatchObject([{ public_id: "products/VASE-1/reject", deleted: false }]);

    await uploadClip("products/VASE-1/reject");
    await here.settle({}, [here.pim]);
    expect(asked()).toEqual(["upload ask /video/explicit", "upload POST /video/destroy"]);
    expect(here.assets).toEqual([]);
    const echo = await bodyOf("delete");
    expect(echo.notification_context.triggered_by).toEqual({ source: "api", id: here.account.apiKey });
    expect(await pimAssets()).toMatchObject([{ deleted: true }]);
  });

  it("F10, D10: a background-removed picture is reviewed; approval renames it to bg-removed/... in the PIM too", async () => {
    await here.sdk.uploader.upload(picture, {
      public_id: "products/VASE-1/main",
      type: "authenticated",
      background_removal: "cloudinary_ai",
    });
    await here.settle({}, [here.pim]);
    const [asset] = here.assets;
    expect(asked()).toEqual([`admin GET /resources/${asset?.asset_id}`, "upload POST /image/explicit"]);
    expect(here.calls.at(-1)?.fields).toMatchObject({ moderation: "manual", type: "authenticated" });
    expect(asset?.moderation).toEqual([{ kind: "manual", status: "pending" }]);

    const decided = await here.decide(here.api(), {
      assetId: asset?.asset_id ?? "",
      version: asset?.version ?? 0,
      status: "approved",
    });
    expect(decided).toEqual({ ok: true, publicId: "products/VASE-1/main" });
    await here.settle({}, [here.pim]);
    expect(asked().at(-1)).toBe("upload POST /image/rename");
    expect(here.calls.at(-1)?.fields).toMatchObject({
      from_public_id: "products/VASE-1/main",
      to_public_id: "bg-removed/products/VASE-1/main",
      to_type: "upload",
      invalidate: "true",
    });
    expect(here.assets).toMatchObject([{ public_id: "bg-removed/products/VASE-1/main", type: "upload" }]);
    expect(await seen()).toContain("rename");
    expect(await pimAssets()).toMatchObject([{ public_id: "bg-removed/products/VASE-1/main" }]);
    const before = asked().length;
    await here.settle({}, [here.pim]);
    expect(asked()).toHaveLength(before);
  });

  it("F8: a manual rejection is held, released, then deleted", async () => {
    await here.sdk.uploader.upload(picture, { public_id: "guests/photo", moderation: "manual" });
    await here.settle();
    expect(asked()).toEqual([]);
    const [asset] = here.assets;
    const wanted = { assetId: asset?.asset_id ?? "", version: asset?.version ?? 0 };
    await here.decide(here.api(), { ...wanted, status: "rejected" });
    const deliveries = await here.settle();
    const held = deliveries.find(({ state }) => state === "held");
    expect(held).toMatchObject({ type: "moderation", last_error: "awaits-person" });
    expect(here.assets).toHaveLength(1);
    await release(here.db, held?.id ?? "");
    await here.settle();
    expect(here.assets).toEqual([]);
  });
});

describe("decide", () => {
  it("rejects assets that are gone, replaced since the operator looked, or not pending", async () => {
    const boot = here.put({
      moderation: [{ kind: "manual", status: "approved", updated_at: "2025-10-09T09:00:00Z" }],
    });
    const { asset_id: assetId, version } = boot;
    const decide = (changed: object) =>
      here.decide(here.api(), { assetId, version, status: "approved", ...changed });
    expect(await decide({ assetId: "0".repeat(32) })).toEqual({ ok: false, reason: "gone" });
    expect(await decide({ version: version - 1 })).toEqual({ ok: false, reason: "replaced" });
    expect(await decide({})).toEqual({ ok: false, reason: "not-pending" });
    expect(here.calls.every(({ line }) => line.startsWith("GET"))).toBe(true);
  });
});

async function seen(): Promise<string[]> {
  const { rows } = await here.db.query<{ type: string }>(
    "select type from notifications order by received_at",
  );
  return rows.map(({ type }) => type);
}

async function bodyOf(type: string) {
  const { rows } = await here.db.query<{ body: Buffer }>("select body from notifications where type = $1", [
    type,
  ]);
  return JSON.parse(String(rows[0]?.body));
}

async function pimAssets() {
  const { rows } = await here.db.query<{ public_id: string; deleted: boolean }>(
    "select public_id, exists (select from pim_removals r where r.asset_id = a.asset_id) as deleted from pim_asset a",
  );
  return rows;
}
