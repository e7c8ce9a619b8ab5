import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import deleteHook from "../../../netlify/functions/delete.ts";
import publicHook from "../../../netlify/functions/public.ts";
import uploadHook from "../../../netlify/functions/upload.ts";
import { withheldIn } from "../../../src/console/shared/withheld.ts";
import { decisionOn, uploadOf } from "../../handlers/moderation/bodies.ts";
import { type World, world } from "../../handlers/moderation/world.ts";
import { assetBodies } from "../../handlers/pim/bodies.ts";
import { configured } from "../../support/environment.ts";
import { invoke, type NetlifyFunctionHandler } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { adaToken, operatorToken, vicToken } from "../tokens.ts";

let here: World;
let api: NetlifyFunctionHandler;
beforeAll(async () => {
  here = await world();
  // What the API is made of is loaded late, with the SDK, which looks at the environment when it is loaded.
  api = (await import("../../../netlify/functions/console-api.ts")).default;
});
afterAll(() => here.close());
beforeEach(async () => {
  await here.reset();
  await here.db.query("truncate pim_claim, pim_rendition, pim_removals");
  configured(here.databaseUrl, {
    CLOUDINARY_URL: here.cloudinaryUrl,
    OPERATOR_TOKEN: `${operatorToken} vic:viewer:${vicToken}`,
  });
});

const t = Math.floor(Date.now() / 1_000) - 3_600;

async function arrive(hook: NetlifyFunctionHandler, body: object): Promise<string> {
  const response = await invoke(hook, signedRequest(body, { origin: here.hookUrl }));
  const { id } = (await response.json()) as { id: string };
  await here.run({}, [here.pim]);
  return id;
}

async function ask(path: string, body?: object, token = adaToken): Promise<Response> {
  return await invoke(
    api,
    new Request(new URL(path, "https://hooks.example.com"), {
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    }),
  );
}

async function products(assetId: string): Promise<string[]> {
  const { rows } = await here.db.query<{ sku: string }>(
    "select distinct sku from pim_product_image where asset_id = $1",
    [assetId],
  );
  return rows.map(({ sku }) => sku);
}

async function newestAct(): Promise<unknown> {
  const { acts } = (await (await ask("/api/acts?limit=1")).json()) as { acts: unknown[] };
  return acts[0];
}

const reason = "looked at it";

describe("trust", () => {
  it("adds a visitor's upload to its product, and is recorded in the audit log", async () => {
    const guest = assetBodies("products/VASE-1/main");
    const id = await arrive(publicHook, guest.upload(t));
    const story = await (await ask(`/api/notifications/${id}/story`)).json();
    expect(story).toMatchObject({
      record: { byPublicHook: true },
      standing: { byVisitor: true, untrusted: true, version: t },
    });
    const { notifications } = (await (await ask("/api/notifications")).json()) as {
      notifications: object[];
    };
    expect(notifications).toMatchObject([{ byPublicHook: true }]);
    const wanted = { assetId: guest.id, version: t, reason };
    expect((await ask("/api/pim/trust", wanted, vicToken)).status).toBe(403);
    expect(await products(guest.id)).toEqual([]);
    const trusted = await ask("/api/pim/trust", wanted);
    expect([trusted.status, await trusted.json()]).toEqual([200, { products: ["VASE-1"] }]);
    expect(await products(guest.id)).toEqual(["VASE-1"]);
    expect(await newestAct()).toMatchObject({
      who: "ada",
      act: "trust",
      reason,
      detail: { assetId: guest.id, version: t, outcome: "done" },
    });
  });

  it("requires a reason, a known asset and its latest version", async () => {
    const guest = assetBodies("products/VASE-1/main");
    await arrive(publicHook, guest.upload(t));
    const wanted = { assetId: guest.id, version: t, reason };
    expect((await ask("/api/pim/trust", { ...wanted, reason: "" })).status).toBe(400);
    expect((await ask("/api/pim/trust", { ...wanted, assetId: "none" })).status).toBe(404);
    expect((await ask("/api/pim/trust", { ...wanted, version: t - 1 })).status).toBe(409);
    expect(await products(guest.id)).toEqual([]);
  });
});

describe("restore what a notification removed", () => {
  it("puts the pictures back; a later delete removes them permanently", async () => {
    const vase = assetBodies("products/VASE-1/main");
    await arrive(uploadHook, vase.upload(t));
    const id = await arrive(deleteHook, vase.remove(t, t + 60));
    expect(await products(vase.id)).toEqual([]);
    expect(await (await ask(`/api/notifications/${id}/story`)).json()).toMatchObject({
      removal: { assets: 1, pictures: 1, restoredAt: null },
    });
    const restored = await ask(`/api/notifications/${id}/restore-removed`, { reason });
    expect(await restored.json()).toEqual({ assets: 1, pictures: 1, stillRemoved: 0, products: ["VASE-1"] });
    expect(await newestAct()).toMatchObject({ act: "restore", notificationId: id, reason });
    // As a replay of the delete in the console does it.
    await ask(`/api/notifications/${id}/replay`, { reason });
    await here.run({}, [here.pim]);
    expect(await products(vase.id)).toEqual(["VASE-1"]);
    await arrive(deleteHook, vase.remove(t, t + 120));
    expect(await products(vase.id)).toEqual([]);
  });

  it("applies only to delete notifications", async () => {
    const id = await arrive(uploadHook, assetBodies().upload(t));
    const none = crypto.randomUUID();
    expect((await ask(`/api/notifications/${id}/restore-removed`, { reason })).status).toBe(409);
    expect((await ask(`/api/notifications/${none}/restore-removed`, { reason })).status).toBe(404);
  });

  it("is suggested by Health when many pictures were removed within an hour", async () => {
    const warnings = async () =>
      ((await (await ask("/api/health")).json()) as { warnings: { kind: string; count?: number }[] })
        .warnings;
    const vases = Array.from({ length: 26 }, (_, n) => assetBodies(`products/VASE-${n}/main`));
    const resources = vases.map(({ id }, n) => ({
      asset_id: id,
      public_id: `products/VASE-${n}/main`,
      resource_type: "image",
      type: "upload",
      version: t,
    }));
    for (const vase of vases) await arrive(uploadHook, vase.upload(t));
    const removed = {
      notification_type: "delete",
      resources,
      notification_context: { triggered_at: new Date((t + 60) * 1_000).toISOString() },
    };
    const id = await arrive(deleteHook, removed);
    expect(await warnings()).toContainEqual({ kind: "pictures-removed", count: 26 });
    await ask(`/api/notifications/${id}/restore-removed`, { reason });
    expect((await warnings()).map(({ kind }) => kind)).not.toContain("pictures-removed");
    expect(await products(vases[25]?.id ?? "")).toEqual(["VASE-25"]);
  });
});

describe("reset", () => {
  it("replaces a corrupted asset with its state from Cloudinary, which replaying the corrupt notification does not undo", async () => {
    const asset = here.put({
      resource_type: "image",
      public_id: "products/VASE-1/main",
      format: "jpg",
      version: t,
      access_control: [],
    });
    const vase = assetBodies("products/VASE-1/main", { id: asset.asset_id });
    await arrive(uploadHook, vase.upload(t));
    const poison = await arrive(
      deleteHook,
      vase.remove(t + 90_000_000, Math.floor(Date.now() / 1_000) + 200),
    );
    expect(await products(asset.asset_id)).toEqual([]);
    const answer = await ask("/api/pim/reset", { assetId: asset.asset_id, reason });
    expect([answer.status, await answer.json()]).toEqual([200, { read: "recorded" }]);
    expect(here.calls.map(({ api, line }) => `${api} ${line}`)).toEqual([
      "admin GET /resources/by_asset_ids",
    ]);
    await here.run({}, [here.pim]);
    expect(await products(asset.asset_id)).toEqual(["VASE-1"]);
    await ask(`/api/notifications/${poison}/replay`, { reason });
    await here.run({}, [here.pim]);
    expect(await products(asset.asset_id)).toEqual(["VASE-1"]);
    expect(await newestActOf("reset")).toMatchObject({
      who: "ada",
      reason,
      detail: { outcome: "forgotten", read: "recorded" },
    });
  });

  it("lets moderation decide on Cloudinary's version after a body named a later one", async () => {
    const asset = here.put({
      resource_type: "image",
      version: t,
      access_control: [{ access_type: "token" }],
      moderation: [
        { kind: "manual", status: "approved", updated_at: new Date((t + 60) * 1_000).toISOString() },
      ],
    });
    const picture = assetBodies(asset.public_id, { id: asset.asset_id });
    await arrive(uploadHook, picture.upload(Math.floor(Date.now() / 1_000)));
    await ask("/api/pim/reset", { assetId: asset.asset_id, reason });
    const deliveries = await here.run({}, [here.pim]);
    expect(deliveries.at(-1)).toMatchObject({ state: "done" });
    expect(here.assets[0]?.access_control).toEqual([{ access_type: "anonymous" }]);
  });

  it("reports an asset that was deleted in Cloudinary, and an unknown asset", async () => {
    const vase = assetBodies("products/VASE-1/main");
    await arrive(uploadHook, vase.upload(t));
    const gone = await ask("/api/pim/reset", { assetId: vase.id, reason });
    expect(await gone.json()).toEqual({ read: "gone" });
    expect(await products(vase.id)).toEqual([]);
    expect((await ask("/api/pim/reset", { assetId: "none", reason })).status).toBe(404);
  });
});

describe("decisions that Cloudinary does not confirm", () => {
  const json = async (path: string) => (await (await ask(path)).json()) as Record<string, unknown>;

  it("are listed with the action that was withheld, the secret that signed them, and what Cloudinary has", async () => {
    const video = here.put({ moderation: [{ kind: "google_video_moderation", status: "approved" }] });
    await here.tell(uploadOf(video));
    const id = await here.forge(decisionOn(video, "rejected"));
    expect((await here.run()).at(-1)).toMatchObject({ state: "held", last_error: "not-confirmed" });
    const { notifications } = (await json("/api/notifications")) as {
      notifications: { id: string; deliveries: { handler: string; withheld: string | null }[] }[];
    };
    const row = notifications.find((one) => one.id === id);
    expect(row?.deliveries.map(({ handler, withheld }) => [handler, withheld])).toEqual([
      ["email", null],
      ["moderation", "rejected"],
      ["pim", null],
    ]);
    const { deliveries } = (await json("/api/stuck?state=held")) as {
      deliveries: { secretName: string; result: unknown }[];
    };
    expect(deliveries).toMatchObject([{ secretName: "CLOUDINARY_URL" }]);
    expect(await json("/api/moderation?show=held")).toMatchObject({
      cards: [{ heldFor: "not-confirmed", secretName: "CLOUDINARY_URL", result: deliveries[0]?.result }],
    });
    expect(withheldIn(deliveries[0]?.result)).toEqual({
      does: "delete",
      cloudinary: "google_video_moderation: approved",
    });
  });

  it("leave a visitor's upload on no product, and the record and the product say why", async () => {
    const asset = here.put({ public_id: "visitors/a", resource_type: "image", tags: ["sku:VASE-7"] });
    const picture = assetBodies("visitors/a", { id: asset.asset_id });
    await arrive(publicHook, picture.upload(asset.version, { tags: ["sku:VASE-7"] }));
    const id = await arrive(uploadHook, picture.moderation("manual", "approved", asset.version, t));
    expect(await json(`/api/notifications/${id}/story`)).toMatchObject({
      standing: { untrusted: true, unconfirmedApproval: { kinds: ["manual"], cloudinary: "none" } },
    });
    expect(await json("/api/pim/products/VASE-7")).toMatchObject({
      withoutPicture: [{ assetId: asset.asset_id, standing: "approval-not-confirmed" }],
    });
    expect(await json("/api/pim/unmapped?search=visitors/a")).toMatchObject({
      assets: [{ reason: "approval-not-confirmed", skus: ["VASE-7"] }],
    });
  });
});

it("reading the library names Cloudinary as the cause if Cloudinary rejects the call", async () => {
  here.instead.answer = () => Response.json({ error: { message: "Invalid Signature" } }, { status: 401 });
  const response = await ask("/api/pim/backfill", { restart: true });
  expect([response.status, await response.json()]).toEqual([502, { error: { reason: "cloudinary-failed" } }]);
});

async function newestActOf(act: string) {
  const { acts } = (await (await ask("/api/acts")).json()) as { acts: { act: string }[] };
  return acts.find((one) => one.act === act);
}
