import { createHash } from "node:crypto";
import { v2 as cloudinary } from "cloudinary";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../netlify/functions/notification.ts";
import publicHook from "../netlify/functions/public.ts";
import { recheckApprovals } from "../src/handlers/pim/recheck-approvals.ts";
import { settings } from "../src/settings.ts";
import { decisionOn, uploadOf } from "./handlers/moderation/bodies.ts";
import { type World, world } from "./handlers/moderation/world.ts";
import { configured } from "./support/environment.ts";
import { invoke } from "./support/invoke.ts";
import { signedRequest } from "./support/signed-request.ts";

/**
 * Cloudinary signs API parameters as H(parameters + secret) and notifications as H(body + timestamp + secret). So an endpoint that
 * signs whatever parameters a browser chose, as the widespread sample for the Upload Widget does, signs notifications.
 */
let here: World;
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());
beforeEach(() => here.reset());
afterEach(() => vi.unstubAllEnvs());

type Algorithm = "sha1" | "sha256";

/** The SDK's types leave out the last two parameters, which it takes. */
const signRequest: (params: object, secret: string, algorithm: Algorithm, version: number) => string =
  cloudinary.utils.api_sign_request;

/** The sample, word for word: `api_sign_request(req.body.paramsToSign, secret)`. */
function signsAnything(paramsToSign: object, version: number, algorithm: Algorithm): string {
  return signRequest(paramsToSign, here.account.apiSecret, algorithm, version);
}

/** One parameter, whose key and value make a whole body and its timestamp when they are joined by "=". */
function forge(claims: object, version: number, algorithm: Algorithm): Request {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const key = '{"x":"';
  const value = `",${JSON.stringify(claims).slice(1)}${timestamp}`;
  const signature = signsAnything({ [key]: value }, version, algorithm);
  const body = `${key}=${value}`.slice(0, -timestamp.length);
  expect(JSON.parse(body)).toMatchObject({ x: "=", ...claims }); // Or nothing below would prove anything.
  const rule = createHash(algorithm)
    .update(body + timestamp + here.account.apiSecret)
    .digest("hex");
  expect(signature).toBe(rule);
  return new Request(new URL("/webhooks", here.hookUrl), {
    method: "POST",
    headers: { "x-cld-timestamp": timestamp, "x-cld-signature": signature },
    body,
  });
}

async function recorded(): Promise<unknown[]> {
  return (await here.db.query("select type, secret_name from notifications")).rows;
}

const forgeries = [
  [1, "sha1"],
  [1, "sha256"],
  [2, "sha1"],
  [2, "sha256"],
] as const;

describe.each(forgeries)(
  "a rejection signed by an endpoint for upload signatures, version %i, %s",
  (version, algorithm) => {
    it("is rejected if the receiver has a dedicated webhook secret", async () => {
      const video = here.put();
      configured(here.databaseUrl, {
        CLOUDINARY_URL: here.cloudinaryUrl,
        CLOUDINARY_WEBHOOK_SECRETS: "webhooks:a-Webhook-secret_of-27-char",
      });
      const answer = await invoke(notification, forge(decisionOn(video, "rejected"), version, algorithm));
      expect([answer.status, await answer.json()]).toEqual([
        401,
        { error: { reason: "signature-mismatch" } },
      ]);
      expect(await recorded()).toEqual([]);
    });

    it("is accepted while the API secret verifies, but deletes nothing that Cloudinary does not confirm", async () => {
      const video = here.put();
      const answer = await invoke(notification, forge(decisionOn(video, "rejected"), version, algorithm));
      expect(answer.status).toBe(200);
      expect(await recorded()).toEqual([{ type: "moderation", secret_name: "CLOUDINARY_URL" }]);
      expect(await here.run()).toMatchObject([{ state: "held", last_error: "not-confirmed" }]);
      expect(here.assets).toContain(video);
      expect(here.lines().filter((line) => line.includes("destroy"))).toEqual([]);
    });
  },
);

describe("an approval of a visitor's upload, signed by an endpoint for upload signatures", () => {
  type Asset = ReturnType<World["put"]>;

  /** A visitor's upload that names a product, received on the hook for visitors. */
  async function visitorsUpload(changed: Partial<Asset> = {}): Promise<Asset> {
    const asset = here.put({
      public_id: "visitors/me",
      resource_type: "image",
      format: "jpg",
      tags: ["sku:VASE-1"],
      access_control: undefined,
      ...changed,
    } as Partial<Asset>);
    const request = signedRequest(uploadOf(asset, { tags: asset.tags, access_control: undefined }), {
      origin: here.hookUrl,
      path: "/webhooks/public",
    });
    expect((await invoke(publicHook, request)).status).toBe(200);
    return asset;
  }

  async function products(): Promise<unknown[]> {
    return (await here.db.query("select distinct sku, public_id from pim_product_image")).rows;
  }

  /** The PIM alone, as when the moderation handler has nothing to say. */
  async function pimResult() {
    await here.run({}, [here.pim], { ...here.handler, name: "none" });
    return (await here.deliveries("pim")).at(-1)?.result;
  }

  const approval = (asset: Asset, at: Date) =>
    decisionOn(asset, "approved", { kind: "manual", at: at.toISOString() });
  const inFiveMinutes = () => new Date(Date.now() + 300_000);
  const adminReads = () => here.lines().filter((line) => line.startsWith("admin "));
  const onVase = [{ sku: "VASE-1", public_id: "visitors/me" }];

  it.each(forgeries)("puts it on no product, version %i, %s", async (version, algorithm) => {
    const asset = await visitorsUpload();
    await pimResult();
    const answer = await invoke(notification, forge(approval(asset, new Date()), version, algorithm));
    expect(answer.status).toBe(200);
    expect(await pimResult()).toMatchObject({
      assets: [
        {
          state: "untrusted",
          unconfirmedApproval: { version: asset.version, kinds: ["manual"], cloudinary: "none" },
        },
      ],
    });
    expect(await products()).toEqual([]);
    expect(adminReads()).toEqual(["admin GET /resources/by_asset_ids"]);
  });

  it.each<[string, (asset: Asset) => object]>([
    [
      "without a version, dated ahead",
      (asset) => ({ ...approval(asset, inFiveMinutes()), version: undefined }),
    ],
    ["of a later version", (asset) => ({ ...approval(asset, new Date()), version: asset.version + 100 })],
    [
      "of a kind with a suffix",
      (asset) => ({ ...approval(asset, new Date()), moderation_kind: "manual:0.9" }),
    ],
    [
      "without an asset id",
      (asset) => ({ ...approval(asset, new Date()), asset_id: undefined, type: "upload" }),
    ],
    [
      "in an upload",
      (asset) => uploadOf(asset, { tags: asset.tags, moderation: [{ kind: "manual", status: "approved" }] }),
    ],
    [
      "in a summary",
      (asset) => ({
        ...uploadOf(asset),
        notification_type: "moderation_summary",
        moderation_status: "approved",
        moderation_summary: [{ kind: "manual", status: "approved" }],
      }),
    ],
  ])("%s puts it on no product either", async (_, body) => {
    const asset = await visitorsUpload();
    await pimResult();
    await here.forge(body(asset));
    await pimResult();
    expect(await recheckApprovals(here.db, here.api(), settings)).toBe(0);
    expect(await products()).toEqual([]);
  });

  it("counts once Cloudinary has the approval, by one Admin API call, whichever notification came first", async () => {
    const asset = await visitorsUpload();
    await pimResult();
    const decided = new Date(Date.now() - 60_000);
    await here.forge(approval(asset, decided));
    await pimResult();
    expect(await products()).toEqual([]);
    await here.tell(approval(asset, new Date(decided.getTime() + 5_000)));
    expect(await pimResult()).toMatchObject({ assets: [{ state: "mapped", sku: "VASE-1" }] });
    expect(await products()).toEqual(onVase);
    expect(adminReads()).toHaveLength(2);
    // What is confirmed is not asked again.
    await here.tell(approval(asset, new Date(decided.getTime() + 6_000)));
    await pimResult();
    expect(adminReads()).toHaveLength(2);
  });

  it("does not revive an approval that was taken back or turned into a rejection since", async () => {
    for (const status of ["rejected", "pending"] as const) {
      const asset = await visitorsUpload({ public_id: `visitors/${status}` });
      const decided = Date.now() - 60_000;
      await here.tell(approval(asset, new Date(decided)));
      await pimResult();
      expect(await products()).toEqual([{ sku: "VASE-1", public_id: `visitors/${status}` }]);
      await here.tell(
        decisionOn(asset, status, { kind: "manual", at: new Date(decided + 9_000).toISOString() }),
      );
      await pimResult();
      expect(await products()).toEqual([]);
      await here.forge(approval(asset, new Date(decided + 20_000)));
      expect(await pimResult()).toMatchObject({
        assets: [{ state: "untrusted", unconfirmedApproval: { cloudinary: status } }],
      });
      expect(await products()).toEqual([]);
    }
  });

  it("costs no call of the PIM where the moderation handler has confirmed it", async () => {
    const asset = await visitorsUpload({ access_control: [{ access_type: "token" }] });
    const approved = approval(asset, new Date());
    await here.tell(approved);
    await here.run();
    expect(here.assets[0]?.access_control).toEqual([{ access_type: "anonymous" }]);
    const before = adminReads().length;
    await pimResult();
    expect(await products()).toEqual(onVase);
    expect(adminReads()).toHaveLength(before);
  });

  it("waits for the sweep when the hour's calls are used up or Cloudinary does not answer, and is taken up then", async () => {
    const asset = await visitorsUpload();
    await pimResult(); // So that the last delivery is the approval's.
    await here.db.query("update pim_approval_reads set hour = date_trunc('hour', now()), reads = 50");
    await here.tell(approval(asset, new Date()));
    expect(await pimResult()).toMatchObject({
      assets: [{ unconfirmedApproval: { cloudinary: null, notAsked: "read-limit" } }],
    });
    expect(adminReads()).toEqual([]);
    await here.db.query("update pim_approval_reads set reads = 0");
    here.instead.answer = () => Response.json({ error: { message: "busy" } }, { status: 503 });
    await here.db.query("update deliveries set state = 'due', due_at = now() where handler = 'pim'");
    expect(await pimResult()).toMatchObject({
      assets: [{ unconfirmedApproval: { cloudinary: null, notAsked: "no-response" } }],
    });
    here.instead.answer = null;
    here.calls.length = 0;
    const other = await visitorsUpload({ public_id: "visitors/other" });
    await here.forge(approval(other, new Date()));
    await here.db.query("update pim_approval_reads set reads = 50");
    await pimResult();
    expect(await recheckApprovals(here.db, here.api(), settings)).toBe(1);
    expect(adminReads()).toEqual(["admin GET /resources/by_asset_ids"]);
    await pimResult();
    expect(await products()).toEqual(onVase);
    // The other one was asked for, too; it is not asked for again at once.
    expect(await recheckApprovals(here.db, here.api(), settings)).toBe(0);
    expect(adminReads()).toHaveLength(1);
    await here.tell(approval(other, new Date()));
    await here.db.query("update pim_asset set approval_asked_at = now() - interval '2 hours'");
    expect(await recheckApprovals(here.db, here.api(), settings)).toBe(1);
  });
});
