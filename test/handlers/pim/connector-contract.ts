import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findProduct, listUnmapped } from "../../../src/handlers/pim/products.ts";
import type { Handler } from "../../../src/lib/deliveries/handler.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { assetBodies } from "./bodies.ts";
import { play } from "./play.ts";

export type TargetAnswer = "takes" | "is-down" | "knows-no-such-product" | "refuses" | "wants-no-more";

export interface Target {
  handler: Handler;
  /** What it holds of each product: the URLs of the pictures. */
  holds(sku: string): Promise<string[] | null>;
  answer(how: TargetAnswer): Promise<void>;
  close(): Promise<void>;
}

const t = 1_750_000_000;
let products = 0;

/** What every connector must do, whatever it speaks to. `answers`: those that its target can give. */
export function connectorContract(
  name: string,
  answers: readonly TargetAnswer[],
  open: (db: TestDatabase) => Promise<Target>,
): void {
  describe(`the connector ${name}`, () => {
    let database: TestDatabase;
    let target: Target;
    beforeAll(async () => {
      database = await realDatabase();
      target = await open(database);
    });
    afterAll(async () => {
      await target.close();
      await database.drop();
    });

    /** For targets that can answer so. */
    function whereIt(can: TargetAnswer, behaviour: string, test: () => Promise<void>) {
      if (answers.includes(can)) it(behaviour, test);
    }

    async function product() {
      products += 1;
      const sku = `P-${products}`;
      const asset = assetBodies(`any/${products}`);
      await play(database.db, asset.upload(t, { tags: [`sku:${sku}`] }));
      const url = (version: number) =>
        `https://res.cloudinary.com/demo/image/upload/v${version}/any/${products}.jpg`;
      return { sku, asset, url };
    }

    /** One attempt; the notification that planned it is long past and says nothing. */
    function push(sku: string, attempt = 1, deliveryId: string = randomUUID()) {
      const old = { notification_type: "create_folder", folder_path: "a", folder_name: "a" };
      return play(database.db, old, { handler: target.handler, subject: sku, attempt, deliveryId });
    }

    it("pushes the product as it is when it runs, not as it was when it was planned", async () => {
      const { sku, asset, url } = await product();
      await play(database.db, asset.upload(t + 9));
      await play(database.db, asset.tags([`sku:${sku}`], [], t + 10));
      expect(await push(sku)).toMatchObject({ kind: "done", result: { sku, images: 1 } });
      expect(await target.holds(sku)).toEqual([url(t + 9)]);
    });

    it("pushed again it ends the same", async () => {
      const { sku, url } = await product();
      const deliveryId = randomUUID();
      await push(sku, 1, deliveryId);
      expect(await push(sku, 2, deliveryId)).toMatchObject({ kind: "done" });
      expect(await target.holds(sku)).toEqual([url(t)]);
    });

    it("tells of a product that has lost its last picture", async () => {
      const { sku, asset } = await product();
      await push(sku);
      expect(await target.holds(sku)).toHaveLength(1);
      await play(database.db, asset.remove(t, t + 5));
      expect(await push(sku)).toMatchObject({ kind: "done", result: { images: 0 } });
      expect(await target.holds(sku)).toEqual([]);
    });

    it("does nothing without a product", async () => {
      const end = await play(database.db, assetBodies("x").upload(t), { handler: target.handler });
      expect(end).toEqual({ kind: "skip", reason: "no-product" });
    });

    whereIt("is-down", "P2 tries again while the target is down, and then succeeds", async () => {
      const { sku, url } = await product();
      await target.answer("is-down");
      const end = push(sku).catch((error: unknown) => ({ kind: "retry", error: String(error) }));
      expect(await end).toMatchObject({ kind: "retry", error: expect.any(String) });
      await target.answer("takes");
      expect(await push(sku, 2)).toMatchObject({ kind: "done" });
      expect(await target.holds(sku)).toEqual([url(t)]);
    });

    whereIt(
      "knows-no-such-product",
      "K1 a product that the target does not know is skipped and shown among the unmapped until it is known",
      async () => {
        const { sku, asset } = await product();
        await target.answer("knows-no-such-product");
        expect(await push(sku)).toMatchObject({ kind: "skip", reason: "unknown-sku" });
        expect((await listUnmapped(database.db, { search: asset.id })).items).toMatchObject([
          { reason: "unknown-sku", skus: [sku] },
        ]);
        expect((await findProduct(database.db, sku))?.unknownTo).toEqual([target.handler.name]);

        await target.answer("takes");
        await push(sku);
        expect((await listUnmapped(database.db, { search: asset.id })).items).toEqual([]);
        expect((await findProduct(database.db, sku))?.unknownTo).toEqual([]);
      },
    );

    whereIt("refuses", "P3 gives up at once when the target refuses for good", async () => {
      const { sku } = await product();
      await target.answer("refuses");
      expect(await push(sku)).toMatchObject({ kind: "give-up", error: expect.any(String) });
      await target.answer("takes");
    });

    whereIt("wants-no-more", "is paused when the target wants no more, and loses nothing", async () => {
      const { sku } = await product();
      await target.answer("wants-no-more");
      expect(await push(sku)).toMatchObject({ kind: "wait" });
      const { rows } = await database.db.query("select handler, reason from paused_handlers");
      expect(rows).toMatchObject([{ handler: target.handler.name, reason: expect.any(String) }]);
      await target.answer("takes");
    });
  });
}
