import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { findProduct, listProducts, listUnmapped } from "../../../src/handlers/pim/products.ts";
import type { Settlement } from "../../../src/lib/deliveries/handler.ts";
import { settings as defaults } from "../../../src/settings.ts";
import type { PimSettings, Settings } from "../../../src/settings.types.ts";
import { assetBodies } from "./bodies.ts";
import { fakeAccount } from "./fake-account.ts";
import { type FrontDoor, frontDoor, type Receiving } from "./front-door.ts";

let door: FrontDoor;
beforeAll(async () => {
  door = await frontDoor();
});
afterAll(() => door.close());

const t = 1_750_000_000;

const cloudinary = fakeAccount();
const handler = pim({ api: cloudinary.api });

function withSettings(pim: Partial<PimSettings>): Settings {
  return { ...defaults, pim: { ...defaults.pim, ...pim } };
}

async function receive(bodies: object[], receiving: Receiving = {}): Promise<Settlement[]> {
  for (const body of bodies) cloudinary.hear({ ...body });
  return await door.receive(bodies, { handler, ...receiving });
}

/** Each product of the asset, with its role and position there. */
async function rolesOf(assetId: string): Promise<string[]> {
  const { rows } = await door.db.query<{ text: string }>(
    "select concat_ws(' ', sku, role, position) as text from pim_product_image where asset_id = $1 order by 1",
    [assetId],
  );
  return rows.map(({ text }) => text);
}

async function unmapped(assetId: string) {
  const { items } = await listUnmapped(door.db, { search: assetId });
  return items[0] ?? null;
}

describe("an asset that names several SKUs", () => {
  it("K1 is on each product, until one is taken away", async () => {
    const sofas = assetBodies();
    const [, second] = await receive([
      sofas.upload(t, { tags: ["sku:SOFA-1", "spring"] }),
      sofas.tags(["sku:SOFA-2"], [], t + 10),
    ]);
    expect(second).toMatchObject({
      kind: "done",
      result: { assets: [{ state: "mapped", products: ["SOFA-1", "SOFA-2"], was: { sku: "SOFA-1" } }] },
    });
    expect(await rolesOf(sofas.id)).toEqual(["SOFA-1 gallery", "SOFA-2 gallery"]);
    expect((await findProduct(door.db, "SOFA-2"))?.images).toMatchObject([{ otherProducts: ["SOFA-1"] }]);

    await receive([sofas.tags([], ["sku:SOFA-1"], t + 20)]);
    expect(await rolesOf(sofas.id)).toEqual(["SOFA-2 gallery"]);
  });

  it("K1 is on each product of a set field", async () => {
    const sofas = assetBodies();
    await receive([sofas.upload(t, { metadata: { sku: ["SOFA-3", "SOFA-4"], image_role: "main" } })]);
    expect(await rolesOf(sofas.id)).toEqual(["SOFA-3 main", "SOFA-4 main"]);
  });

  it("K1 is on none where the setting says that they contradict each other", async () => {
    const settings = withSettings({ severalSkus: "conflict" });
    const sofas = assetBodies();
    const [end] = await receive([sofas.upload(t, { metadata: { sku: ["SOFA-5", "SOFA-6"] } })], { settings });
    expect(end).toMatchObject({ kind: "skip", reason: "sku-conflict" });
    expect(await unmapped(sofas.id)).toMatchObject({ reason: "sku-conflict", skus: ["SOFA-5", "SOFA-6"] });

    const next = sofas.metadata({ sku: ["SOFA-5", "SOFA-6"] }, { sku: ["SOFA-6"] }, t + 5);
    await receive([next], { settings });
    expect(await rolesOf(sofas.id)).toEqual(["SOFA-6 gallery"]);
  });

  it("has its own role and position in each, where a pattern reads them", async () => {
    const pattern = "^(?<sku>[^/]+)(?:/(?<role>[a-z]+)(?:-(?<position>[0-9]+))?)?$";
    const settings = withSettings({
      sources: [
        { kind: "metadata", sku: "sku", role: "image_role", pattern },
        { kind: "tag", prefix: "sku:", pattern },
      ],
    });
    const tags = ["sku:SET-1/main", "sku:SET-2/gallery-3", "sku:SET-3"];
    const set = assetBodies();
    await receive([set.upload(t, { tags, metadata: { image_role: "swatch" } })], { settings });
    expect(await rolesOf(set.id)).toEqual(["SET-1 main", "SET-2 gallery 3", "SET-3 swatch"]);

    // Another tag for the same product: removing the first one does not remove the product.
    const other = [set.tags(["sku:SET-1/gallery-2"], [], t + 1), set.tags([], ["sku:SET-1/main"], t + 2)];
    await receive(other, { settings });
    expect(await rolesOf(set.id)).toContain("SET-1 gallery 2");

    await receive([set.metadata({}, { sku: ["SET-4/main", "SET-5"], image_role: "swatch" }, t + 5)], {
      settings,
    });
    expect(await rolesOf(set.id)).toEqual(["SET-4 main", "SET-5 swatch"]);
  });

  it.each([
    { skuLists: "flag", reason: "sku-list", products: [] },
    { skuLists: "split", reason: null, products: ["LIST-1 gallery", "LIST-2 gallery"] },
    { skuLists: "keep", reason: null, products: ["LIST-1, LIST-2 gallery"] },
  ] as const)(
    "a list in a text field, with the setting $skuLists",
    async ({ skuLists, reason, products }) => {
      const list = assetBodies("products/LIST-0/gallery");
      const [end] = await receive([list.upload(t, { metadata: { sku: " LIST-1, LIST-2\n" } })], {
        settings: withSettings({ skuLists }),
      });
      expect(end?.kind === "skip" ? end.reason : null).toBe(reason);
      expect(await rolesOf(list.id)).toEqual(products);
      expect((await unmapped(list.id))?.reason ?? null).toBe(reason);
    },
  );

  it("a single SKU that ends in a comma or a line break is not a list", async () => {
    const lamp = assetBodies();
    await receive([
      lamp.upload(t, { metadata: { sku: "LAMP-1,\n", image_role: "front", image_position: 2 } }),
    ]);
    expect(await rolesOf(lamp.id)).toEqual(["LAMP-1 front 2"]);
  });

  it("is on none of them while it is a visitor's that nobody approved", async () => {
    const guest = assetBodies();
    await receive([guest.upload(t, { tags: ["sku:GUEST-1", "sku:GUEST-2"] })], { byPublicHook: true });
    expect(await rolesOf(guest.id)).toEqual([]);
    await receive([guest.moderation("manual", "approved", t, t + 5)]);
    expect(await rolesOf(guest.id)).toEqual(["GUEST-1 gallery", "GUEST-2 gallery"]);
  });
});

it("SKUs in either Unicode form are one product; public IDs keep their form", async () => {
  const decomposed = "CAFE\u0301-1";
  const composed = "CAF\u00c9-1";
  const [first, second] = [assetBodies(`products/${decomposed}/main`), assetBodies("loose/second")];
  await receive([first.upload(t), second.upload(t, { tags: [`sku:${composed}`] })]);
  for (const sku of [composed, decomposed])
    expect(await findProduct(door.db, sku)).toMatchObject({
      sku: composed,
      images: [{ publicId: `products/${decomposed}/main`, role: "main" }, { publicId: "loose/second" }],
    });
  for (const search of ["caf\u00e9-1/M", "cafe\u0301-1/m"])
    expect((await listProducts(door.db, { search })).items).toMatchObject([{ sku: composed, images: 2 }]);
});
