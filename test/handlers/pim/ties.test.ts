import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { fc } from "../../support/fast-check.ts";
import { assetBodies, iso } from "./bodies.ts";
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
      jug.upload(second, { tags: ["sku:D"], width: 9, bytes: 7 }),
      jug.upload(second, { tags: ["sku:D"], width: undefined, bytes: undefined }),
      jug.eager(second, ["w_9"]),
      jug.eager(second, [{ failed: "w_9" }]),
      jug.eager(second, [], { eager: [{ transformation: "w_9", status: "failed", reason: "Timed out" }] }),
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
}, 300_000);

interface Picture {
  version: number;
  at: number;
  bytes: number;
  width?: number | undefined;
  format: string;
  /** The body says only when it was sent, so that the asset had its name when the version was uploaded. */
  sentOnly: boolean;
}

const picture: Picture = {
  version: second,
  at: second + 9,
  bytes: 700,
  width: 9,
  format: "jpg",
  sentOnly: false,
};

it.each<{ of: string; stays: Partial<Picture>; other: Partial<Picture> }>([
  { of: "that of the newer version", stays: { version: second + 5 }, other: { at: second + 99 } },
  {
    of: "the later of two of one version",
    stays: { at: second + 14, format: "gif" },
    other: { bytes: 900 },
  },
  { of: "that with the greater URL of the same second", stays: { format: "png" }, other: { bytes: 900 } },
  { of: "that whose name is the later one", stays: {}, other: { sentOnly: true, bytes: 900 } },
  { of: "that with more bytes", stays: {}, other: { bytes: 600, width: 10 } },
  { of: "the wider one of the same size", stays: {}, other: { width: 8 } },
  { of: "the one with a width", stays: {}, other: { width: undefined } },
])("the picture is $of, in either order", async ({ stays, other }) => {
  const expected = { ...picture, ...stays };
  const pictures = [{ ...picture, ...other }, expected];
  for (const order of [pictures, pictures.toReversed()]) {
    const jug = assetBodies("products/A/main");
    for (const { version, at, format, sentOnly, ...size } of order) {
      const secure_url = `https://res.cloudinary.com/demo/image/upload/w_9/v${version}/products/A/main.${format}`;
      const { notification_context: _, ...body } = jug.eager(version, [], {
        eager: [{ transformation: "w_9", height: 9, format, secure_url, ...size }],
      });
      const context = { triggered_at: iso(at), triggered_by: { source: "api", id: "1" } };
      await play(database.db, {
        ...body,
        ...(sentOnly ? { timestamp: iso(at) } : { notification_context: context }),
      });
    }
    const { rows } = await database.db.query(
      "select version::int, bytes::int, width, format from pim_rendition where asset_id = $1",
      [jug.id],
    );
    const { version, bytes, width, format } = expected;
    expect(rows).toEqual([{ version, bytes, width, format }]);
  }
});
