import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { assetBodies } from "./bodies.ts";
import { play } from "./play.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase(8);
});
afterAll(() => database.drop());

const second = 1_750_000_000;

/** Everything that can be said about one asset, all of it in one and the same second. */
function everything() {
  const jug = assetBodies("products/A/main");
  return {
    id: jug.id,
    bodies: [
      jug.upload(second, { tags: ["sku:B"], metadata: { sku: "C" } }),
      jug.upload(second, { tags: ["sku:D"], metadata: { sku: "" }, width: 9 }),
      jug.eager(second, ["w_9"]),
      jug.eager(second, [{ failed: "w_9" }]),
      jug.rename("products/E/main", second),
      jug.rename("products/F/main", second),
      jug.remove(second, second),
      jug.restore(second),
      jug.metadata({ sku: "C" }, { sku: "G" }, second),
      jug.context({ added: { sku: "H" } }, second),
      jug.context({ removed: ["sku"] }, second),
      jug.tags(["sku:I"], ["sku:D"], second),
      jug.tags([], ["sku:I"], second),
      jug.moderation("manual", "rejected", second, second),
      jug.moderation("manual", "approved", second, second),
      jug.access([{ access_type: "token" }], second),
      jug.access([], second),
    ],
  };
}

/** All that the tables hold of an asset, but for when it was written. */
async function rowsOf(assetId: string): Promise<string> {
  const { rows } = await database.db.query<{ all: string }>(
    `select concat_ws(' | ',
       (select to_jsonb(a) - 'asset_id' - 'first_seen_at' - 'updated_at' from pim_asset a where a.asset_id = $1),
       (select jsonb_agg(to_jsonb(c) - 'asset_id' order by field, source, element) from pim_claim c where c.asset_id = $1),
       (select jsonb_agg(to_jsonb(m) - 'asset_id' order by kind) from pim_moderation m where m.asset_id = $1),
       (select jsonb_agg(to_jsonb(r) - 'asset_id' - 'updated_at' order by name) from pim_rendition r where r.asset_id = $1),
       (select jsonb_agg(to_jsonb(i) - 'asset_id' order by rendition) from pim_product_image i where i.asset_id = $1)) as all`,
    [assetId],
  );
  return rows[0]?.all ?? "";
}

it("D8 events of the same second have the same result in any order", async () => {
  const inOrder = everything();
  for (const body of inOrder.bodies) await play(database.db, body);
  const expected = await rowsOf(inOrder.id);
  expect(expected).toContain("products/F/main");

  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(inOrder.bodies, { minLength: inOrder.bodies.length }),
      fc.boolean(),
      async (bodies, atOnce) => {
        const id = randomBytes(16).toString("hex");
        const renamed: object[] = bodies.map((body) =>
          JSON.parse(JSON.stringify(body).replaceAll(inOrder.id, id)),
        );
        if (atOnce) await Promise.all(renamed.map((body) => play(database.db, body)));
        else for (const body of renamed) await play(database.db, body);
        expect(await rowsOf(id)).toBe(expected);
      },
    ),
    { numRuns: 60, endOnFailure: true },
  );
}, 120_000);
