import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removalBy } from "../../../src/handlers/pim/asset-standing.ts";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { resetAsset, restoreRemoved, trustAsset } from "../../../src/handlers/pim/operator-acts.ts";
import { listUnmapped } from "../../../src/handlers/pim/products.ts";
import { settings } from "../../../src/settings.ts";
import type { PimSettings, Settings } from "../../../src/settings.types.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { assetBodies } from "./bodies.ts";
import { fakeAccount } from "./fake-account.ts";
import { type Playing, play, played, shown } from "./play.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase();
});
afterAll(() => database.drop());

const t = 1_750_000_000;

const cloudinary = fakeAccount();
const handler = pim({ api: cloudinary.api });

const withPim = (changed: Partial<PimSettings>): Settings => ({
  ...settings,
  pim: { ...settings.pim, ...changed },
});

async function playAll(bodies: readonly object[], playing: Playing = {}): Promise<void> {
  for (const body of bodies) {
    cloudinary.hear({ ...body });
    await play(database.db, body, { handler, ...playing });
  }
}

/** The products that show the asset. */
async function products(assetId: string): Promise<string[]> {
  return [...new Set((await shown(database.db, assetId)).map(({ sku }) => sku))];
}

/** Every public id that the asset was ever known by. */
async function names(assetId: string): Promise<string[]> {
  const { rows } = await database.db.query<{ public_id: string }>(
    "select public_id from pim_asset_names where asset_id = $1 order by 1",
    [assetId],
  );
  return rows.map(({ public_id }) => public_id);
}

describe("an asset that awaits moderation", () => {
  const waiting = { moderation: [{ kind: "manual", status: "pending" }], tags: ["sku:VASE-1"] };

  it.each(["pending", "queued"])("%s: is on no product until it is approved", async (status) => {
    const vase = assetBodies();
    await playAll([vase.upload(t, { ...waiting, moderation: [{ kind: "manual", status }] })]);
    expect(await products(vase.id)).toEqual([]);
    await playAll([vase.moderation("manual", "approved", t, t + 60)]);
    expect(await products(vase.id)).toEqual(["VASE-1"]);
  });

  it("is removed from its product when the approval is taken back, or when a newer version awaits moderation", async () => {
    const vase = assetBodies();
    await playAll([vase.upload(t, waiting), vase.moderation("manual", "approved", t, t + 60)]);
    await playAll([vase.moderation("manual", "pending", t, t + 90)]);
    expect(await products(vase.id)).toEqual([]);
    await playAll([vase.moderation("manual", "approved", t, t + 120), vase.upload(t + 200, waiting)]);
    expect(await products(vase.id)).toEqual([]);
  });

  it.each(["pending", "queued"])(
    "%s: is decided by a decision of the same second, in any order",
    async (status) => {
      for (const inOrder of [true, false]) {
        const clip = assetBodies();
        const upload = clip.upload(t, {
          ...waiting,
          moderation: [{ kind: "manual", status }],
          notification_context: { triggered_at: new Date(t * 1_000 + 700).toISOString() },
        });
        const approved = clip.moderation("manual", "approved", t, t);
        await playAll(inOrder ? [upload, approved] : [approved, upload]);
        expect(await products(clip.id), `in order: ${inOrder}`).toEqual(["VASE-1"]);
      }
    },
  );

  it("is decided by the later of two decisions of one second, in any order", async () => {
    for (const [first, last, expected] of [
      ["rejected", "approved", ["VASE-1"]],
      ["approved", "rejected", []],
    ] as const)
      for (const inOrder of [true, false]) {
        const clip = assetBodies();
        const decisions = [
          clip.moderation("manual", first, t, t + 60.2),
          clip.moderation("manual", last, t, t + 60.8),
        ];
        await playAll([clip.upload(t, waiting), ...(inOrder ? decisions : decisions.reverse())]);
        expect(await products(clip.id), `${last}, in order: ${inOrder}`).toEqual([...expected]);
      }
  });

  it("is decided by the last decision, although earlier ones arrive later", async () => {
    const decided = async (open: object, ...decisions: [string, number][]) => {
      const clip = assetBodies();
      const said = decisions.map(([status, after]) => clip.moderation("manual", status, t, t + after));
      await playAll([clip.upload(t, { ...waiting, ...open }), ...said]);
      return await products(clip.id);
    };
    expect(await decided({}, ["approved", 90], ["rejected", 30], ["rejected", 60])).toEqual(["VASE-1"]);
    const later = { notification_context: { triggered_at: new Date(t * 1_000 + 700).toISOString() } };
    expect(await decided(later, ["approved", 0], ["rejected", 0.5])).toEqual([]);
  });

  it("is shown if the settings allow it, from the next notification on", async () => {
    const vase = assetBodies();
    await playAll([vase.upload(t, waiting)], { settings: withPim({ showPending: true }) });
    expect(await products(vase.id)).toEqual(["VASE-1"]);
    await playAll([assetBodies().upload(t)]);
    expect(await products(vase.id)).toEqual([]);
  });
});

describe("a source that is limited to folders", () => {
  const limited = withPim({
    sources: [{ kind: "context", sku: "sku", alt: "alt", within: ["team", "shop/pictures"] }],
  });
  const context = { context: { custom: { sku: "VASE-1", alt: "A vase" } } };

  it.each([
    ["team/vase", undefined, ["VASE-1"]],
    ["shop/pictures/2026/vase", undefined, ["VASE-1"]],
    ["teams/vase", undefined, []],
    ["vase", undefined, []],
    ["vase", "team/2026", ["VASE-1"]],
    ["vase", "team", ["VASE-1"]],
    // A visitor may choose the public id; the asset folder is the preset's.
    ["team/vase", "visitors", []],
    ["team/vase", "", ["VASE-1"]],
  ])("public id %s, asset folder %s: %j", async (publicId, asset_folder, expected) => {
    const vase = assetBodies(publicId);
    await playAll([vase.upload(t, { ...context, asset_folder })], { settings: limited });
    expect(await products(vase.id)).toEqual(expected);
  });

  it("uses the current folder of the asset, in any order of notifications", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const vase = assetBodies("inbox/vase");
      const bodies = [vase.upload(t, context), vase.rename("team/vase", t + 10)];
      await playAll(
        order.map((n) => bodies[n] ?? {}),
        { settings: limited },
      );
      expect(await products(vase.id)).toEqual(["VASE-1"]);
    }
  });

  it("applies to every asset again once the limit is removed from the settings", async () => {
    const vase = assetBodies("inbox/vase");
    await playAll([vase.upload(t, context)], { settings: limited });
    await playAll([assetBodies().upload(t)]);
    expect(await products(vase.id)).toEqual(["VASE-1"]);
  });
});

describe("an upload by a visitor", () => {
  const byVisitor = { byPublicHook: true };
  const claims: [string, string, Record<string, unknown>][] = [
    ["context", "loose/a", { context: { custom: { sku: "VASE-1" } } }],
    ["a tag", "loose/b", { tags: ["sku:VASE-1"] }],
    ["its public id", "products/VASE-1/main-0", {}],
    ["metadata", "loose/c", { metadata: { sku: "VASE-1" } }],
  ];

  it.each(claims)("is not assigned by %s until a reviewer approves it", async (_, publicId, more) => {
    const guest = assetBodies(publicId);
    await playAll([guest.upload(t, more), guest.eager(t, ["w_9"])], byVisitor);
    expect(await products(guest.id)).toEqual([]);
    const { items } = await listUnmapped(database.db, { search: guest.id });
    expect(items).toMatchObject([{ reason: "untrusted", skus: ["VASE-1"] }]);
    await playAll([guest.moderation("manual", "approved", t, t + 60)], byVisitor);
    expect(await products(guest.id)).toEqual(["VASE-1"]);
    expect(await names(guest.id)).toEqual([publicId]);
  });

  it("is untrusted in a folder of the settings, even after it was moved elsewhere", async () => {
    const untrusted = { settings: withPim({ untrusted: ["visitors"] }) };
    const byName = assetBodies("visitors/a");
    const byFolder = assetBodies("b");
    const neighbour = assetBodies("visitors-of-ours/c");
    const tags = { tags: ["sku:VASE-1"] };
    await playAll([byName.upload(t, tags), byName.rename("products/VASE-1/main", t + 9)], untrusted);
    await playAll([byFolder.upload(t, { ...tags, asset_folder: "visitors/2026" })], untrusted);
    await playAll([neighbour.upload(t, tags)], untrusted);
    expect(await products(byName.id)).toEqual([]);
    expect(await products(byFolder.id)).toEqual([]);
    expect(await products(neighbour.id)).toEqual(["VASE-1"]);
  });

  it("is untrusted in a folder of the settings, in either Unicode form", async () => {
    const decomposed = "cafe\u0301";
    const composed = "caf\u00e9";
    for (const [setting, folder] of [
      [composed, decomposed],
      [decomposed, composed],
    ]) {
      const untrusted = { settings: withPim({ untrusted: [setting ?? ""] }) };
      const byName = assetBodies(`${folder}/a`);
      const byFolder = assetBodies("b");
      const moved = assetBodies("c");
      const tags = { tags: ["sku:VASE-1"] };
      await playAll(
        [byName.upload(t, tags), byFolder.upload(t, { ...tags, asset_folder: folder })],
        untrusted,
      );
      await playAll([moved.upload(t, tags), moved.rename(`${folder}/c`, t + 9)], untrusted);
      for (const { id } of [byName, byFolder, moved]) expect(await products(id)).toEqual([]);
    }
  });

  it("needs a new approval when it is uploaded again, regardless of the order of notifications", async () => {
    for (const first of ["upload", "eager"] as const) {
      const guest = assetBodies("products/VASE-1/main");
      await playAll([guest.upload(t), guest.moderation("manual", "approved", t, t + 60)], byVisitor);
      expect(await products(guest.id)).toEqual(["VASE-1"]);
      const again = first === "upload" ? guest.upload(t + 100) : guest.eager(t + 100, ["w_9"]);
      await playAll([again], byVisitor);
      expect(await products(guest.id), first).toEqual([]);
      // An approval of the older version, taken late, says nothing of the newer one.
      await playAll([guest.moderation("manual", "approved", t, t + 110)]);
      expect(await products(guest.id), first).toEqual([]);
      await playAll([guest.moderation("manual", "approved", t + 100, t + 160)]);
      expect(await products(guest.id), first).toEqual(["VASE-1"]);
    }
  });

  it("is not approved by one kind of moderation while another has not decided", async () => {
    const guest = assetBodies("products/VASE-1/main");
    const moderation = [
      { kind: "aws_rek", status: "approved" },
      { kind: "manual", status: "queued" },
    ];
    await playAll([guest.upload(t, { moderation })], {
      ...byVisitor,
      settings: withPim({ showPending: true }),
    });
    expect(await products(guest.id)).toEqual([]);
    await playAll([guest.moderation("aws_rek", "approved", t, t + 5)]);
    expect(await products(guest.id)).toEqual([]);
    await playAll([guest.moderation("manual", "approved", t, t + 60)]);
    expect(await products(guest.id)).toEqual(["VASE-1"]);
  });

  it("whose approval was taken back is approved again only once Cloudinary confirms it", async () => {
    const guest = assetBodies("products/VASE-1/main");
    const said = (status: string, after: number) => guest.moderation("manual", status, t, t + after);
    // Only a notification: Cloudinary does not have the decision.
    const unheard = (status: string, after: number, playing: Playing = {}) =>
      play(database.db, said(status, after), { handler, ...playing });
    await playAll([guest.upload(t), said("rejected", 30), said("approved", 60)], byVisitor);
    await unheard("approved", 120, { handler: pim() });
    expect(await products(guest.id)).toEqual(["VASE-1"]);
    await playAll([said("rejected", 150)]);
    await unheard("rejected", 40);
    await unheard("approved", 180);
    expect(await products(guest.id)).toEqual([]);
    await unheard("rejected", 200, { source: "reconcile" });
    await unheard("approved", 220);
    expect(await products(guest.id)).toEqual([]);
    await playAll([said("approved", 240)]);
    // Arrive late: they are older than the confirmed approval.
    await unheard("rejected", 100);
    await unheard("approved", 50, { source: "reconcile", handler: pim() });
    expect(await products(guest.id)).toEqual(["VASE-1"]);
  });

  it("does not remove a picture of the team from its product by an upload to its name, and assigns no SKU to it", async () => {
    const vase = assetBodies("products/VASE-1/main");
    await playAll([vase.upload(t)]);
    await playAll([vase.upload(t, { existing: true, context: { custom: { sku: "BOWL" } } })], byVisitor);
    expect(await products(vase.id)).toEqual(["VASE-1"]);
  });

  it("is on its product once an operator trusts the version that they have seen, but not a newer one", async () => {
    const guest = assetBodies("products/VASE-1/main");
    await playAll([guest.upload(t)], byVisitor);
    expect(await trustAsset(database.db, { assetId: guest.id, version: t + 1 })).toEqual({
      ok: false,
      reason: "newer-version",
    });
    expect(await trustAsset(database.db, { assetId: guest.id, version: t })).toMatchObject({ ok: true });
    expect(await products(guest.id)).toEqual(["VASE-1"]);
    await playAll([guest.upload(t + 50)], byVisitor);
    expect(await products(guest.id)).toEqual([]);
    expect(await trustAsset(database.db, { assetId: guest.id, version: t })).toMatchObject({ ok: false });
    expect(await trustAsset(database.db, { assetId: "none", version: t })).toEqual({
      ok: false,
      reason: "no-such-asset",
    });
  });
});

describe("pictures that a delete notification removed", () => {
  const removal = (id: string) => ({ id, signedAt: new Date((t + 100) * 1_000) });
  const id = () => crypto.randomUUID();

  it("are restored by an operator; a replay changes nothing, and a later delete takes precedence", async () => {
    const vase = assetBodies("products/VASE-1/main");
    const forged = vase.remove(t, t + 100);
    const playing = removal(id());
    await playAll([vase.upload(t)]);
    await playAll([forged], playing);
    expect(await products(vase.id)).toEqual([]);
    const restored = await restoreRemoved(database.db, played(forged, playing), settings.pim);
    expect(restored).toMatchObject({ assets: 1, pictures: 1, stillRemoved: 0, skus: ["VASE-1"] });
    await playAll([forged], playing);
    expect(await products(vase.id)).toEqual(["VASE-1"]);
    await playAll([vase.remove(t, t + 200)]);
    expect(await products(vase.id)).toEqual([]);
  });

  it("stay removed if another delete removed them as well", async () => {
    const vase = assetBodies("products/VASE-1/main");
    const forged = vase.remove(t, t + 100);
    const playing = removal(id());
    await playAll([vase.upload(t), vase.remove(t, t + 90)]);
    await playAll([forged], playing);
    const restored = await restoreRemoved(database.db, played(forged, playing), settings.pim);
    expect(restored).toMatchObject({ assets: 1, pictures: 0, stillRemoved: 1 });
    expect(await products(vase.id)).toEqual([]);
  });

  it("are found by name if the body has no asset id", async () => {
    const vase = assetBodies("products/VASE-2/main");
    const forged = {
      notification_type: "delete",
      resources: [{ public_id: "products/VASE-2/main", resource_type: "image", type: "upload" }],
    };
    const playing = removal(id());
    await playAll([vase.upload(t)]);
    await playAll([forged], playing);
    expect(await products(vase.id)).toEqual([]);
    await restoreRemoved(database.db, played(forged, playing), settings.pim);
    expect(await products(vase.id)).toEqual(["VASE-2"]);
  });

  it("are restored even if they were removed before removals were stored by notification", async () => {
    const vase = assetBodies("products/VASE-1/main");
    const forged = vase.remove(t, t + 100);
    await playAll([vase.upload(t)]);
    await database.db.query(
      "update pim_asset set deleted_version = $2::bigint, deleted_at = to_timestamp($3::int) where asset_id = $1",
      [vase.id, t, t + 100],
    );
    expect(await products(vase.id)).toEqual([]);
    await restoreRemoved(database.db, played(forged, removal(id())), settings.pim);
    expect(await products(vase.id)).toEqual(["VASE-1"]);
  });
});

describe("what a delete notification removed", () => {
  type Vase = ReturnType<typeof assetBodies>;
  const onProduct = "products/VASE-1/main";

  it.each<{ of: string; name?: string; bodies: (vase: Vase) => object[]; version?: null; pictures: number }>([
    {
      of: "its version and older ones",
      bodies: (vase) => [vase.upload(t + 50), vase.eager(t, ["w_9"]), vase.eager(t - 9, ["w_8"])],
      pictures: 2,
    },
    {
      of: "all versions if it names none",
      bodies: (vase) => [vase.upload(t + 50), vase.eager(t, ["w_9"])],
      version: null,
      pictures: 2,
    },
    { of: "no product", name: "loose/vase", bodies: (vase) => [vase.upload(t)], pictures: 0 },
    { of: "videos", bodies: (vase) => [vase.upload(t, { resource_type: "video" })], pictures: 1 },
    {
      of: "designs",
      bodies: (vase) => [vase.upload(t, { format: "psd" })],
      pictures: 1,
    },
    { of: "no documents", bodies: (vase) => [vase.upload(t, { format: "pdf" })], pictures: 0 },
  ])("is counted by pictures: of $of", async ({ name = onProduct, bodies, version = t, pictures }) => {
    const vase = assetBodies(name);
    await playAll([assetBodies(onProduct).upload(t), ...bodies(vase)]);
    const id = crypto.randomUUID();
    await playAll([vase.remove(version, t + 100)], { id });
    expect(await removalBy(database.db, id)).toMatchObject({ assets: 1, pictures });
  });

  it.each([[[t, t + 50]], [[null, t]]])(
    "is the most of what it says of one asset: versions %j, in either order",
    async (versions) => {
      for (const order of [versions, versions.toReversed()]) {
        const vase = assetBodies(onProduct);
        await playAll([vase.upload(t + 50)]);
        const resources = order.flatMap((version) => vase.remove(version, t + 100).resources);
        await playAll([{ ...vase.remove(t, t + 100), resources }]);
        expect(await products(vase.id), JSON.stringify(order)).toEqual([]);
      }
    },
  );
});

describe("an asset that an operator resets", () => {
  it("has no state until the next notification, and earlier ones have no effect", async () => {
    const vase = assetBodies("products/VASE-1/main");
    const poisoned = vase.upload(9_999_999_999, { tags: ["sku:BOWL"] });
    const long = { receivedAt: new Date(Date.now() - 60_000) };
    await playAll([vase.upload(t), poisoned, vase.remove(9_999_999_999, t + 5)], long);
    expect(await resetAsset(database.db, vase.id)).toEqual(["BOWL", "VASE-1"]);
    expect(await products(vase.id)).toEqual([]);
    const end = await play(database.db, poisoned, long);
    expect(end).toMatchObject({ kind: "done", result: { assets: [{ outcome: "reset", was: "reset" }] } });
    await play(database.db, vase.moderation("manual", "rejected", t + 500, t + 5), long);
    await play(database.db, vase.eager(t + 400, ["w_9"]), long);
    expect(await products(vase.id)).toEqual([]);
    await playAll([vase.upload(t + 500)], { receivedAt: new Date() });
    expect(await shown(database.db, vase.id)).toMatchObject([{ sku: "VASE-1", rendition: "original" }]);
    expect(await resetAsset(database.db, "none")).toBe(null);
  });

  it("stays marked as a visitor upload", async () => {
    const guest = assetBodies("products/VASE-1/main");
    const received = { receivedAt: new Date(Date.now() - 60_000) };
    await playAll([guest.upload(t)], { byPublicHook: true, ...received });
    await resetAsset(database.db, guest.id);
    await playAll([guest.upload(t)], { receivedAt: new Date() });
    expect(await products(guest.id)).toEqual([]);
  });
});
