import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProduct, listProducts, listUnmapped } from "../../../src/handlers/pim/products.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { assetBodies } from "./bodies.ts";
import { play } from "./play.ts";

let database: TestDatabase;
const t = 1_750_000_000;
const names = ["a-1", "A-1", "B%2", "b_2", "C-3", "Ä-4", "D-5"];

beforeAll(async () => {
  database = await realDatabase();
  for (const [n, sku] of names.entries()) {
    const asset = assetBodies(`shelf/picture ${n}`);
    await play(database.db, asset.upload(t + n, { tags: [`sku:${sku}`] }));
    await play(database.db, asset.eager(t + n, ["w_9"]));
  }
  for (let n = 0; n < 5; n += 1) await play(database.db, assetBodies(`stray/${n}`).upload(t + n));
  const gone = assetBodies("gone");
  await play(database.db, gone.upload(t, { tags: ["sku:GONE"] }));
  await play(database.db, gone.remove(t, t + 5));
});
afterAll(() => database.drop());

const sorted = names.toSorted((a, b) => (a < b ? -1 : 1));

describe("products", () => {
  it("are paged, each once, without those that have no picture", async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await listProducts(database.db, { after, limit: 3 });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map(({ sku }) => sku));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(sorted);
  });

  it("show the number of pictures, and derived pictures before the original", async () => {
    const { items } = await listProducts(database.db, { search: "C-3" });
    expect(items).toMatchObject([{ sku: "C-3", images: 2, cover: { rendition: "w_9", version: t + 4 } }]);
  });

  it.each([
    { search: "b_2", found: ["b_2"] },
    { search: "%", found: ["B%2"] },
    { search: "-1", found: ["A-1", "a-1"] },
    { search: "PICTURE 4", found: ["C-3"] },
    { search: "   ", found: sorted },
    { search: "\\", found: [] },
    { search: "gone", found: ["GONE"] },
  ])("are searched by $search, in SKU and public id, wildcards being plain", async ({ search, found }) => {
    const { items } = await listProducts(database.db, { search });
    expect(items.map(({ sku }) => sku)).toEqual(found);
  });

  it("are found individually; one without pictures is empty, and an unknown one is not found", async () => {
    expect(await findProduct(database.db, "Ä-4")).toMatchObject({
      sku: "Ä-4",
      images: [{ rendition: "w_9" }, { rendition: "original" }],
      unknownTo: [],
    });
    expect(await findProduct(database.db, "GONE")).toMatchObject({ images: [] });
    expect(await findProduct(database.db, "NEVER")).toBeNull();
  });
});

describe("unmapped assets", () => {
  it("are paged, newest first, without deleted ones", async () => {
    const seen: (string | null)[] = [];
    let after: string | null = null;
    do {
      const page = await listUnmapped(database.db, { after, limit: 2 });
      seen.push(...page.items.map(({ publicId }) => publicId));
      after = page.next;
    } while (after !== null);
    expect(seen).toEqual(["stray/4", "stray/3", "stray/2", "stray/1", "stray/0"]);
  });

  it("are searched by public id", async () => {
    const { items } = await listUnmapped(database.db, { search: "Y/3" });
    expect(items).toMatchObject([
      { publicId: "stray/3", reason: "no-sku", skus: [], secureUrl: expect.stringContaining("/stray/3.jpg") },
    ]);
  });

  it("an invalid cursor starts at the first page", async () => {
    const { items } = await listUnmapped(database.db, { after: "'; drop table pim_asset; --", limit: 1 });
    expect(items).toMatchObject([{ publicId: "stray/4" }]);
  });
});
