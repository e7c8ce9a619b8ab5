import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProduct, listProducts, listUnmapped } from "../../../src/handlers/pim/products.ts";
import { settings as defaults } from "../../../src/settings.ts";
import type { PimSettings, Settings } from "../../../src/settings.types.ts";
import { assetBodies } from "./bodies.ts";
import { type FrontDoor, frontDoor, type Receiving } from "./front-door.ts";

let door: FrontDoor;
beforeAll(async () => {
  door = await frontDoor();
});
afterAll(() => door.close());

const t = 1_750_000_000;

function withSettings(pim: Partial<PimSettings>): { settings: Settings } {
  return { settings: { ...defaults, pim: { ...defaults.pim, ...pim } } };
}

async function receive(bodies: object[], receiving: Receiving = {}): Promise<void> {
  const ends = await door.receive(bodies, receiving);
  expect(ends).toHaveLength(bodies.length);
}

async function renditionsOf(sku: string): Promise<string[]> {
  return ((await findProduct(door.db, sku))?.images ?? []).map(({ rendition }) => rendition).sort();
}

async function rolesOf(sku: string): Promise<string[]> {
  const images = (await findProduct(door.db, sku))?.images ?? [];
  return images.map(({ role, position }) => [role, position].filter((part) => part !== null).join(" "));
}

describe("names of renditions", () => {
  const names = withSettings({
    renditions: {
      "c_fill,h_1000,w_1000": "main-1000",
      "q_auto/webm": "film-webm",
      "g_south,l_text:Arial_40:S, M, L": "sizes",
    },
  });

  it("are found in the settings although the body has the format at the end", async () => {
    const film = assetBodies("products/VID-1/main");
    const made = [
      "sp_full_hd/m3u8",
      "q_auto/mp4",
      "q_auto/webm",
      "w_1000,h_1000,c_fill/jpg",
      { failed: "c_fill,h_1000,w_1000/jpg" },
    ];
    await receive([film.eager(t, made)], names);
    expect(await renditionsOf("VID-1")).toEqual(["film-webm", "main-1000", "q_auto/mp4", "sp_full_hd/m3u8"]);
    expect((await findProduct(door.db, "VID-1"))?.failures).toMatchObject([{ rendition: "main-1000" }]);
  });

  it("keep texts apart that differ in the order of their words, encoded or not", async () => {
    const couch = assetBodies("products/CO-7/main");
    const texts = [
      "l_text:Arial_40:S, M, L/g_south",
      "l_text:Arial_40:S, L, M/g_south",
      "l_text:Arial_40:a/b:c,w_5,h_3",
      "l_text:Arial_40:a/b:c,h_3,w_5",
    ];
    await receive([couch.eager(t, texts)]);
    expect(await renditionsOf("CO-7")).toEqual([...texts].sort());

    // The same picture as the first one.
    await receive([couch.eager(t + 1, ["l_text:Arial_40:S%252C%20M%252C%20L/g_south"])]);
    expect(await renditionsOf("CO-7")).toHaveLength(texts.length);
  });

  it("meet a setting whose text is written with or without encoding", async () => {
    const couch = assetBodies("products/CO-8/main");
    await receive(
      [couch.eager(t, ["l_text:Arial_40:S%2C M%2C L,g_south", "g_south,l_text:Arial_40:S, L, M"])],
      names,
    );
    expect(await renditionsOf("CO-8")).toEqual(["g_south,l_text:Arial_40:S, L, M", "sizes"]);
  });
});

describe("access", () => {
  it("access_mode restricts an asset until an upload says that it is public", async () => {
    const vase = assetBodies("products/AM-1/main");
    await receive([vase.upload(t, { access_mode: "authenticated" }), vase.eager(t, ["w_9"])]);
    expect(await renditionsOf("AM-1")).toEqual([]);
    // Opening one restriction does not lift the other.
    await receive([vase.access([], t + 5)]);
    expect(await renditionsOf("AM-1")).toEqual([]);
    await receive([vase.upload(t + 9, { access_mode: "public" }), vase.eager(t + 9, ["w_9"])]);
    expect(await renditionsOf("AM-1")).toEqual(["original", "w_9"]);
  });
});

describe("assets that are not pictures", () => {
  const file = (format: string, more: object = {}) => ({ format, ...more });

  it("are files of the product by kind, and never its cover", async () => {
    const [sheet, jingle, model, raw, picture] = [
      "datasheet",
      "jingle",
      "model",
      "manual.docx",
      "gallery",
    ].map((name) => assetBodies(`products/FILES-1/${name}`));
    await receive([
      // The pages of a document are not pictures of the product.
      sheet?.eager(t, ["pg_2/jpg"]) ?? {},
      sheet?.upload(t, file("pdf", { pages: 12 })) ?? {},
      jingle?.upload(t, file("mp3", { resource_type: "video", is_audio: true })) ?? {},
      model?.upload(t, file("glb")) ?? {},
      raw?.upload(t, { resource_type: "raw", format: undefined }) ?? {},
      picture?.upload(t) ?? {},
    ]);
    const product = await findProduct(door.db, "FILES-1");
    expect(product?.images).toMatchObject([{ publicId: "products/FILES-1/gallery" }]);
    expect(
      product?.files.map(({ publicId, mediaKind, rendition, role }) => [
        publicId,
        mediaKind,
        rendition,
        role,
      ]),
    ).toEqual([
      ["products/FILES-1/datasheet", "pdf", "pg_2/jpg", "media"],
      ["products/FILES-1/datasheet", "pdf", "original", "media"],
      ["products/FILES-1/jingle", "audio", "original", "media"],
      ["products/FILES-1/manual.docx", "raw", "original", "media"],
      ["products/FILES-1/model", "3d", "original", "media"],
    ]);
    await receive([picture?.remove(t, t + 5) ?? {}]);
    expect((await listProducts(door.db, { search: "FILES-1" })).items).toMatchObject([
      { images: 0, files: 5, cover: null },
    ]);
  });

  it.each([
    { format: "heic", shownAs: "heic", asFile: false },
    { format: "psd", shownAs: null, asFile: true },
  ])(
    "an original in $format is offered in a format that browsers show, if the settings name one",
    async ({ format, shownAs, asFile }) => {
      const sku = `RAW-${format}`;
      const design = assetBodies(`products/${sku}/main`);
      const url = `https://res.cloudinary.com/demo/image/upload/v${t}/products/${sku}/main`;
      const body = design.upload(t, file(format, { secure_url: `${url}.${format}` }));
      await receive([body]);
      const seen = async () => {
        const { images = [], files = [] } = (await findProduct(door.db, sku)) ?? {};
        return {
          images: images.map(({ secureUrl }) => secureUrl),
          files: files.map(({ secureUrl }) => secureUrl),
        };
      };
      const files = asFile ? [`${url}.${format}`] : [];
      expect(await seen()).toEqual({ images: shownAs === null ? [] : [`${url}.${shownAs}`], files });

      await receive([{ ...body, request_id: "again" }], withSettings({ convertOriginals: "jpg" }));
      expect(await seen()).toEqual({ images: [`${url}.jpg`], files });
    },
  );
});

describe("settings", () => {
  it("an approval field keeps a picture off its product until it has the value", async () => {
    const gate = withSettings({ gate: { kind: "metadata", key: "approval_status", values: ["approved"] } });
    const shot = assetBodies("mannequin/one");
    const status = (from: string, to: string, at: number) =>
      shot.metadata({ sku: "GATE-1", approval_status: from }, { sku: "GATE-1", approval_status: to }, at);

    await receive(
      [shot.upload(t, { metadata: { sku: "GATE-1", approval_status: "awaiting_approval" } })],
      gate,
    );
    expect(await renditionsOf("GATE-1")).toEqual([]);
    expect((await listUnmapped(door.db, { search: shot.id })).items).toMatchObject([
      { reason: "not-approved", skus: ["GATE-1"] },
    ]);
    await receive([status("awaiting_approval", "approved", t + 5)], gate);
    expect(await renditionsOf("GATE-1")).toEqual(["original"]);
    await receive([status("approved", "unapproved", t + 9)], gate);
    expect(await renditionsOf("GATE-1")).toEqual([]);
    await receive([status("unapproved", "unapproved", t + 10)]);
    expect(await renditionsOf("GATE-1")).toEqual(["original"]);
  });

  it("roles are read from names with Cloudinary's unique suffix", async () => {
    const names = ["main_kj3h2k", "gallery-2_p0q9w8", "gallery-3"];
    await receive(names.map((name) => assetBodies(`products/UF-1/${name}`).upload(t)));
    expect(await rolesOf("UF-1")).toEqual(["main", "gallery 2", "gallery 3"]);

    await receive(
      [assetBodies("products/UF-2/main_kj3h2k").upload(t)],
      withSettings({ uniqueSuffixes: false }),
    );
    expect(await rolesOf("UF-2")).toEqual(["gallery"]);
  });

  it("in dynamic folder mode, the asset folder names the product", async () => {
    const dynamic = assetBodies("main_x7d2qz");
    await receive([dynamic.upload(t, { asset_folder: "products/DF-1", display_name: "main" })]);
    expect(await rolesOf("DF-1")).toEqual(["main"]);
    await receive([dynamic.move("products/DF-2", t + 5)]);
    expect(await rolesOf("DF-1")).toEqual([]);
    expect(await rolesOf("DF-2")).toEqual(["main"]);

    // In fixed mode, the folder is part of the public id, which a rename changes.
    const fixed = assetBodies("products/DF-3/main");
    await receive([fixed.upload(t, { folder: "products/DF-3" }), fixed.rename("loose/one", t + 5)]);
    expect(await rolesOf("DF-3")).toEqual([]);
  });
});

it("a body with a number as timestamp, or without a version, is applied", async () => {
  const [numbered, smoke] = [assetBodies("products/NT-1/main"), assetBodies("products/NT-2/main")];
  await receive([
    { ...numbered.upload(t), timestamp: t },
    { ...smoke.upload(t), version: undefined, request_id: 7, signature_key: 1 },
  ]);
  expect(await rolesOf("NT-1")).toEqual(["main"]);
  expect(await rolesOf("NT-2")).toEqual(["main"]);
});
