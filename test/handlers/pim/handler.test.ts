import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProduct, listUnmapped } from "../../../src/handlers/pim/products.ts";
import { productsOfAssets } from "../../../src/handlers/pim/products-of-assets.ts";
import type { Settlement } from "../../../src/lib/deliveries/handler.ts";
import { settings } from "../../../src/settings.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { assetBodies, iso } from "./bodies.ts";
import { play, shown } from "./play.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase();
});
afterAll(() => database.drop());

const t = 1_750_000_000;

/** Plays bodies in this order. */
async function playAll(...bodies: object[]): Promise<Settlement[]> {
  const ends: Settlement[] = [];
  for (const body of bodies) ends.push(await play(database.db, body));
  return ends;
}

async function urls(assetId: string): Promise<string[]> {
  return (await shown(database.db, assetId)).map(({ sku, secure_url }) => `${sku} ${secure_url}`);
}

async function unmapped(assetId: string) {
  const { items } = await listUnmapped(database.db, { search: assetId });
  return items[0] ?? null;
}

const base = "https://res.cloudinary.com/demo/image/upload";

describe("finding the product", () => {
  it("K1 lists a picture without a SKU as unmapped until metadata names its product", async () => {
    const jug = assetBodies();
    const [end] = await playAll(jug.eager(t, ["c_fill,w_100"]));

    expect(end).toMatchObject({
      kind: "done",
      result: {
        assets: [
          {
            asset: jug.id,
            rendition: "c_fill,w_100",
            outcome: "applied",
            before: null,
            was: null,
            state: "unmapped",
          },
        ],
      },
    });
    expect(await urls(jug.id)).toEqual([]);
    expect(await unmapped(jug.id)).toMatchObject({
      reason: "no-sku",
      publicId: "loose/jug",
      secureUrl: `${base}/c_fill,w_100/v${t}/loose/jug.jpg`,
    });

    const [mapped] = await playAll(jug.metadata({}, { sku: "JUG-1" }, t + 60));
    expect(mapped).toMatchObject({
      result: {
        assets: [{ was: { sku: null, publicId: "loose/jug", pictures: 1 }, sku: "JUG-1", pictures: 1 }],
      },
    });
    expect(await urls(jug.id)).toEqual([`JUG-1 ${base}/c_fill,w_100/v${t}/loose/jug.jpg`]);
    expect(await unmapped(jug.id)).toBeNull();
  });

  it("assigns a picture to a product that was named before it arrived", async () => {
    const jug = assetBodies();
    await playAll(jug.tags(["sku:JUG-2"], [], t), jug.eager(t, ["w_9"]));
    expect(await urls(jug.id)).toEqual([`JUG-2 ${base}/w_9/v${t}/loose/jug.jpg`]);
  });

  it("ignores several SKUs in a source when one with higher priority has a value", async () => {
    const jug = assetBodies();
    await playAll(jug.upload(t, { tags: ["sku:A", "sku:B"], metadata: { sku: "JUG-7" } }));
    expect(await urls(jug.id)).toEqual([`JUG-7 ${base}/v${t}/loose/jug.jpg`]);
  });

  it("a later tag does not override metadata", async () => {
    const jug = assetBodies();
    await playAll(
      jug.upload(t),
      jug.metadata({}, { sku: "JUG-8" }, t + 1),
      jug.tags(["sku:OTHER"], [], t + 99),
    );
    expect(await urls(jug.id)).toEqual([`JUG-8 ${base}/v${t}/loose/jug.jpg`]);
  });

  it.each([
    { how: "emptied", next: { sku: "" } },
    { how: "set to null", next: { sku: null } },
    { how: "taken out of the metadata", next: {} },
    { how: "emptied as a list", next: [{ external_id: "sku", type: "string", value: "" }] },
  ])("an SKU that is $how leaves the product to the next source", async ({ next }) => {
    const jug = assetBodies("products/JUG-9/main");
    await playAll(
      jug.upload(t, { metadata: [{ external_id: "sku", value: "JUG-10" }] }),
      jug.metadata({ sku: "JUG-10" }, next, t + 5),
    );
    expect(await urls(jug.id)).toEqual([`JUG-9 ${base}/v${t}/products/JUG-9/main.jpg`]);
  });

  it("of one second, a value outranks its removal, and the removal of an element outranks its addition", async () => {
    for (const inOrder of [true, false]) {
      const ordered = (bodies: object[]) => (inOrder ? bodies : bodies.reverse());
      const valued = assetBodies();
      await playAll(
        valued.upload(t),
        ...ordered([
          valued.context({ added: { sku: "JUG-3" } }, t + 1),
          valued.context({ removed: ["sku"] }, t + 1),
        ]),
      );
      expect(await urls(valued.id)).toHaveLength(1);
      const tagged = assetBodies();
      await playAll(
        tagged.upload(t),
        ...ordered([tagged.tags(["sku:JUG-3"], [], t + 1), tagged.tags([], ["sku:JUG-3"], t + 1)]),
      );
      expect(await urls(tagged.id)).toEqual([]);
    }
  });

  it("an absent key changes nothing", async () => {
    const jug = assetBodies();
    await playAll(
      jug.metadata({}, { sku: "JUG-11" }, t),
      jug.upload(t + 5, { metadata: { colour: "blue" }, context: { custom: {} } }),
    );
    expect(await urls(jug.id)).toEqual([`JUG-11 ${base}/v${t + 5}/loose/jug.jpg`]);
  });

  it("a new order of sources applies to earlier notifications", async () => {
    const jug = assetBodies();
    await playAll(jug.upload(t, { tags: ["sku:BY-TAG"], metadata: { sku: "BY-METADATA" } }));
    expect(await urls(jug.id)).toEqual([`BY-METADATA ${base}/v${t}/loose/jug.jpg`]);

    const reversed = { ...settings, pim: { ...settings.pim, sources: settings.pim.sources.toReversed() } };
    await play(database.db, assetBodies("another").upload(t), { settings: reversed });
    expect(await urls(jug.id)).toEqual([`BY-TAG ${base}/v${t}/loose/jug.jpg`]);

    await playAll(assetBodies("another").upload(t));
    expect(await urls(jug.id)).toEqual([`BY-METADATA ${base}/v${t}/loose/jug.jpg`]);
  });

  it("role, position and alt text come from metadata, context or the public id", async () => {
    const jug = assetBodies("products/JUG-12/gallery-3");
    await playAll(jug.upload(t, { context: { custom: { alt: "A blue jug" } } }));
    expect((await findProduct(database.db, "JUG-12"))?.images).toMatchObject([
      { role: "gallery", position: 3, altText: "A blue jug" },
    ]);
    await playAll(jug.metadata({}, { image_role: "swatch", image_position: 7 }, t + 1));
    expect((await findProduct(database.db, "JUG-12"))?.images).toMatchObject([
      { role: "swatch", position: 7 },
    ]);
  });

  it("names that Postgres cannot store as they are do not cause a failure", async () => {
    const jug = assetBodies("loose/\u0000nul \ud800 half'; drop table pim_asset; --");
    const [end] = await playAll(jug.upload(t, { tags: ["sku:NUL\u0000-1", "<script>"] }));
    expect(end).toMatchObject({ kind: "done" });
    expect(await urls(jug.id)).toHaveLength(1);
  });

  it("a notification that is not about assets is skipped", async () => {
    const [end] = await playAll({
      notification_type: "create_folder",
      folder_path: "a/b",
      folder_name: "b",
      source: "ui",
    });
    expect(end).toEqual({ kind: "skip", reason: "not-about-products" });
  });
});

describe("keeping pictures up to date", () => {
  it("K2 rejects and reports an older version than the product has", async () => {
    const jug = assetBodies("products/JUG-20/main");
    const [, older] = await playAll(jug.eager(t + 9, ["w_9"]), jug.eager(t, ["w_9"]));
    expect(older).toMatchObject({
      kind: "done",
      result: { assets: [{ outcome: "stale", version: t, before: t + 9 }] },
    });
    // Neither repeats the newest one: only its time is the same, or only its version.
    for (const [version, at] of [
      [t, t + 9],
      [t + 9, t + 8],
    ] as const) {
      const context = { notification_context: { triggered_at: iso(at) } };
      const [end] = await playAll(jug.eager(version, ["w_9"], context));
      expect(end).toMatchObject({ result: { assets: [{ outcome: "stale" }] } });
    }
    expect(await urls(jug.id)).toEqual([`JUG-20 ${base}/w_9/v${t + 9}/products/JUG-20/main.jpg`]);
  });

  it("D9 a replayed notification is a duplicate and changes nothing", async () => {
    const jug = assetBodies("products/JUG-21/main");
    const eager = jug.eager(t, ["w_9"]);
    const [, again] = await playAll(eager, eager);
    expect(again).toMatchObject({ result: { assets: [{ outcome: "duplicate" }] } });
    expect(await urls(jug.id)).toEqual([`JUG-21 ${base}/w_9/v${t}/products/JUG-21/main.jpg`]);
  });

  it("K3 a rename changes the URLs, including percent-encoding and folders that look like versions", async () => {
    const jug = assetBodies("products/JUG-22/v12/täst 100%");
    const encoded = "products/JUG-22/v12/t%C3%A4st%20100%25";
    await playAll(
      jug.eager(t, ["c_fill,w_100/f_webp"], { eager: [entry(`c_fill,w_100/f_webp/v${t}/${encoded}.webp`)] }),
    );
    expect(await urls(jug.id)).toEqual([`JUG-22 ${base}/c_fill,w_100/f_webp/v${t}/${encoded}.webp`]);

    await playAll(jug.rename("products/JUG-23/sauce & spoon?", t + 5));
    expect(await urls(jug.id)).toEqual([
      `JUG-23 ${base}/c_fill,w_100/f_webp/v${t}/products/JUG-23/sauce%20%26%20spoon%3F.webp`,
    ]);
  });

  it("K3 D6 a chain of renames that arrives in reverse order results in the last name", async () => {
    const jug = assetBodies("a");
    await playAll(
      jug.rename("products/JUG-24/c", t + 20),
      jug.rename("products/JUG-24/b", t + 10),
      jug.upload(t),
      jug.eager(t, ["w_9"], { timestamp: iso(t + 40) }),
    );
    expect(await urls(jug.id)).toEqual([
      `JUG-24 ${base}/v${t}/products/JUG-24/c.jpg`,
      `JUG-24 ${base}/w_9/v${t}/products/JUG-24/c.jpg`,
    ]);
  });

  it("an eager result requested before a rename and finished after it does not restore the old name", async () => {
    const jug = assetBodies("a");
    const { notification_context: _, ...old } = jug.eager(t, ["w_9"]);
    await playAll(jug.rename("products/JUG-25/b", t + 10), { ...old, timestamp: iso(t + 40) });
    expect(await urls(jug.id)).toEqual([`JUG-25 ${base}/w_9/v${t}/products/JUG-25/b.jpg`]);
  });

  it("K3 a delete removes the asset from its product, and a restore returns it", async () => {
    const jug = assetBodies("products/JUG-26/main");
    await playAll(jug.upload(t), jug.eager(t, ["w_9"]));
    expect(await urls(jug.id)).toHaveLength(2);
    await playAll(jug.remove(t, t + 10));
    expect(await urls(jug.id)).toEqual([]);
    await playAll(jug.restore(t + 20));
    expect(await urls(jug.id)).toHaveLength(2);
  });

  it("D6 a delete that arrives before its earlier upload still removes the asset", async () => {
    const jug = assetBodies("products/JUG-27/main");
    await playAll(jug.remove(t, t + 10), jug.upload(t), jug.eager(t, ["w_9"], { timestamp: iso(t + 15) }));
    expect(await urls(jug.id)).toEqual([]);
    await playAll(jug.upload(t + 30));
    expect(await urls(jug.id)).toEqual([`JUG-27 ${base}/v${t + 30}/products/JUG-27/main.jpg`]);
  });

  it("D6 a delete of the first version with a late signature does not remove the second", async () => {
    const jug = assetBodies("products/JUG-28/main");
    await playAll(jug.upload(t), jug.upload(t + 10));
    await play(database.db, jug.remove(t, null), { signedAt: new Date((t + 600) * 1_000) });
    expect(await urls(jug.id)).toEqual([`JUG-28 ${base}/v${t + 10}/products/JUG-28/main.jpg`]);
  });

  it("D6 a delete without a version removes everything older than itself", async () => {
    const jug = assetBodies("products/JUG-29/main");
    await playAll(jug.remove(null, t + 10), jug.eager(t, ["w_9"]));
    expect(await urls(jug.id)).toEqual([]);
    await playAll(jug.eager(t + 20, ["w_9"]));
    expect(await urls(jug.id)).toHaveLength(1);
  });

  it("D7 an upload with the name of a deleted asset is a different asset and is kept", async () => {
    const first = assetBodies("products/JUG-30/main");
    const second = assetBodies("products/JUG-30/main");
    await playAll(first.upload(t), first.remove(t, t + 10), second.upload(t + 20));
    expect(await urls(first.id)).toEqual([]);
    expect(await urls(second.id)).toHaveLength(1);
  });

  it("a delete by token with only a public id finds the asset", async () => {
    const jug = assetBodies("products/JUG-31/main");
    const body = {
      notification_type: "delete_by_token",
      public_id: "products/JUG-31/main",
      resource_type: "image",
      type: "upload",
    };
    await playAll(jug.upload(t));
    expect(await urls(jug.id)).toHaveLength(1);
    await playAll({ ...body, timestamp: iso(t + 9) });
    expect(await urls(jug.id)).toEqual([]);
  });

  it("K3 a move and a display name assign the product if the settings use them as sources", async () => {
    const sources = [
      { kind: "display-name" as const, pattern: "^(?<sku>[A-Z]+-\\d+) " },
      { kind: "folder" as const, pattern: "^shop/(?<sku>[^/]+)$" },
    ];
    const byFolder = { ...settings, pim: { ...settings.pim, sources } };
    const jug = assetBodies("xk29d8");
    const step = async (body: object) => {
      await play(database.db, body, { settings: byFolder });
      return (await shown(database.db, jug.id)).map(({ sku }) => sku);
    };
    expect(await step(jug.upload(t, { asset_folder: "shop/JUG-32" }))).toEqual(["JUG-32"]);
    expect(await step(jug.move("shop/JUG-33", t + 5))).toEqual(["JUG-33"]);
    expect(await step(jug.displayName("JUG-34 from above", t + 6))).toEqual(["JUG-34"]);
    expect(await step(jug.move("attic", t + 7))).toEqual(["JUG-34"]);
    expect(await step(jug.displayName("no number", t + 8))).toEqual([]);
    await step(jug.displayName("arrives late", t + 7));
    expect((await productsOfAssets(database.db, [jug.id])).get(jug.id)?.displayName).toBe("no number");
  });

  it("K3 context changes assign the product in every form", async () => {
    const jug = assetBodies();
    await playAll(jug.upload(t), jug.context({ added: [{ name: "sku", value: "JUG-35" }] }, t + 1));
    expect(await urls(jug.id)).toEqual([`JUG-35 ${base}/v${t}/loose/jug.jpg`]);
    await playAll(jug.context({ updated: { sku: "JUG-36" } }, t + 2));
    expect(await urls(jug.id)).toEqual([`JUG-36 ${base}/v${t}/loose/jug.jpg`]);
    await playAll(jug.context({ removed: { sku: "JUG-36" } }, t + 3));
    expect(await urls(jug.id)).toEqual([]);
    await playAll(jug.context({ updated: { sku: "JUG-45" } }, t + 2));
    expect(await urls(jug.id)).toEqual([]);
  });

  it("handles each eager entry separately: a failed one is recorded and does not stop the others", async () => {
    const jug = assetBodies("products/JUG-37/main");
    const [end] = await playAll(jug.eager(t, [{ failed: "sp_hd" }, "w_9"]));
    expect(end).toMatchObject({
      kind: "done",
      result: { assets: [{ outcome: "failed", failure: "Unsupported format" }, { outcome: "applied" }] },
    });
    expect(await findProduct(database.db, "JUG-37")).toMatchObject({
      images: [{ rendition: "w_9" }],
      failures: [{ rendition: "sp_hd", reason: "Unsupported format" }],
    });
    const failed = (reason: string, at: number) =>
      jug.eager(at, [], { eager: [{ transformation: "sp_hd", status: "failed", reason }] });
    await playAll(failed("Timed out", t + 4), failed("Out of memory", t + 2));
    expect((await findProduct(database.db, "JUG-37"))?.failures).toMatchObject([{ reason: "Timed out" }]);
    await playAll(jug.eager(t + 5, ["sp_hd"]));
    expect((await findProduct(database.db, "JUG-37"))?.failures).toEqual([]);
  });

  it("renditions get the names in the settings, regardless of the order of parameters", async () => {
    const jug = assetBodies("products/JUG-38/main");
    const named = {
      ...settings,
      pim: { ...settings.pim, renditions: { "w_100,c_thumb/f_webp": "thumbnail" } },
    };
    await play(database.db, jug.eager(t, ["c_thumb,w_100/f_webp", `l_text:${"x".repeat(300)}`]), {
      settings: named,
    });
    const renditions = (await shown(database.db, jug.id)).map(({ rendition }) => rendition);
    expect(renditions).toEqual([expect.stringMatching(/^l_text:x{93}~[0-9a-f]{16}$/), "thumbnail"]);
  });

  it("a rejected version is removed from the product; a new version or a reviewer's approval restores it", async () => {
    const jug = assetBodies("products/JUG-39/main");
    await playAll(jug.upload(t), jug.eager(t, ["w_9"]));
    await playAll(jug.moderation("aws_rek", "rejected", t, t + 5));
    expect(await urls(jug.id)).toEqual([]);
    await playAll(jug.moderation("manual", "approved", t, t + 9));
    expect(await urls(jug.id)).toHaveLength(2);
    await playAll(jug.moderation("manual", "rejected", t, t + 12), jug.upload(t + 20));
    expect(await urls(jug.id)).toEqual([`JUG-39 ${base}/v${t + 20}/products/JUG-39/main.jpg`]);
  });

  it("an upload with its own rejection is not shown", async () => {
    const jug = assetBodies("products/JUG-40/main");
    const moderation = [{ kind: "duplicate:0.9", status: "rejected", updated_at: iso(t + 1) }];
    await playAll(jug.upload(t, { moderation }));
    expect(await urls(jug.id)).toEqual([]);
  });

  it("access control: a restricted asset is removed, a public one returns, and a time window opens and closes on time", async () => {
    const jug = assetBodies("products/JUG-41/main");
    const anonymous = (start: number, end: number) => ({
      access_type: "anonymous",
      start: iso(start),
      end: iso(end),
    });
    const now = Date.now() / 1_000;
    await playAll(jug.upload(t, { access_control: [{ access_type: "token" }] }));
    expect(await urls(jug.id)).toEqual([]);
    await playAll(jug.access([{ access_type: "anonymous" }], t + 5));
    expect(await urls(jug.id)).toHaveLength(1);
    await playAll(jug.access([{ access_type: "token" }, anonymous(now + 100, now + 200)], t + 6));
    expect(await urls(jug.id)).toEqual([]);
    await playAll(jug.access([{ access_type: "token" }, anonymous(now - 100, now + 200)], t + 7));
    expect(await urls(jug.id)).toHaveLength(1);
    await playAll(jug.access([{ access_type: "token" }, anonymous(now - 200, now - 100)], t + 8));
    expect(await urls(jug.id)).toEqual([]);
    await playAll(jug.access([], t + 9));
    expect(await urls(jug.id)).toHaveLength(1);
  });

  it("a private original stays private; its derived pictures are shown", async () => {
    const jug = assetBodies("products/JUG-42/main", { type: "private" });
    await playAll(jug.upload(t), jug.eager(t, ["l_logo"]));
    expect(await urls(jug.id)).toEqual([
      `JUG-42 https://res.cloudinary.com/demo/image/private/l_logo/v${t}/products/JUG-42/main.jpg`,
    ]);
  });

  it("a picture of a version that has been replaced is shown as superseded", async () => {
    const jug = assetBodies("products/JUG-43/main");
    await playAll(jug.eager(t, ["w_9"]), jug.upload(t + 9));
    expect((await findProduct(database.db, "JUG-43"))?.images).toMatchObject([
      { rendition: "original", superseded: false },
      { rendition: "w_9", superseded: true },
    ]);
  });

  it("bodies without asset ids refer to the public id in their URL", async () => {
    const jug = assetBodies("products/JUG-44/main");
    const { asset_id: _, ...old } = jug.eager(t, ["w_9"]);
    await playAll(old);
    expect(await urls("image/upload/products/JUG-44/main")).toHaveLength(1);
  });
});

describe("connector deliveries", () => {
  const connected = { ...settings, pim: { ...settings.pim, connectors: ["pim:webhook"] } };

  it("plans connector deliveries for the product and for the previous one", async () => {
    const jug = assetBodies();
    const first = await play(database.db, jug.upload(t, { tags: ["sku:JUG-50"] }), { settings: connected });
    expect(first).toMatchObject({ follow: [{ handler: "pim:webhook", subject: "JUG-50" }] });
    const moved = await play(database.db, jug.metadata({}, { sku: "JUG-51" }, t + 5), {
      settings: connected,
    });
    expect(moved).toMatchObject({
      follow: [
        { handler: "pim:webhook", subject: "JUG-50" },
        { handler: "pim:webhook", subject: "JUG-51" },
      ],
    });
  });

  it("plans them after a conflict too, because a product has lost its picture", async () => {
    const jug = assetBodies();
    const end = await play(database.db, jug.upload(t, { tags: ["sku:JUG-52", "sku:JUG-53"] }), {
      settings: { ...connected, pim: { ...connected.pim, severalSkus: "conflict" } },
    });
    expect(end).toMatchObject({
      kind: "skip",
      follow: [{ subject: "JUG-52" }, { subject: "JUG-53" }],
    });
  });

  it("a delete of many assets that runs out of time resumes", async () => {
    const jugs = Array.from({ length: 4 }, (_, n) => assetBodies(`products/MANY-${n}/main`));
    await playAll(...jugs.map((jug) => jug.upload(t)));
    const body = {
      ...jugs[0]?.remove(t, t + 5),
      resources: jugs.flatMap((jug) => jug.remove(t, t + 5).resources),
    };

    let end = await play(database.db, body, { settings: connected, signal: AbortSignal.abort() });
    const waits: string[] = [];
    while (end.kind === "wait" && end.progress !== undefined && waits.length < 10) {
      waits.push(end.kind);
      end = await play(database.db, body, {
        settings: connected,
        progress: end.progress,
        signal: AbortSignal.abort(),
      });
    }
    expect(waits).toHaveLength(3);
    expect(end).toMatchObject({
      kind: "done",
      follow: jugs.map((_, n) => ({ subject: `MANY-${n}` })),
      result: { assets: jugs.map((jug) => ({ asset: jug.id, pictures: 0 })) },
    });
    for (const jug of jugs) expect(await urls(jug.id)).toEqual([]);
  });
});

function entry(path: string) {
  return {
    transformation: path.split("/v", 1)[0],
    secure_url: `${base}/${path}`,
    width: 1,
    height: 1,
    bytes: 1,
  };
}
