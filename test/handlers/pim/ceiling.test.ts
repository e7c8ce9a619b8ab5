import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { settings } from "../../../src/settings.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { type Site, site } from "../../support/site.ts";
import { assetBodies } from "./bodies.ts";
import { shown } from "./play.ts";

let database: TestDatabase;
let here: Site;
beforeAll(async () => {
  [database, here] = await Promise.all([realDatabase(), site()]);
});
afterAll(() => Promise.all([database.drop(), here.close()]));
beforeEach(() => configured(database.url));
afterEach(() => vi.unstubAllEnvs());

async function arrive(body: object, timestamp: number): Promise<void> {
  const response = await invoke(notification, signedRequest(body, { origin: here.origin, timestamp }));
  expect(response.status).toBe(200);
  const { db } = database;
  const handlers = [pim()];
  await deliver({ db, handlers, settings, budgetMs: 60_000, handlerTimeoutMs: 10_000, secondLookMs: 0 });
}

it("a notification with the year 9999 and version 999999999999999 takes precedence only until its signature's time", async () => {
  const now = Math.floor(Date.now() / 1_000);
  const vase = assetBodies("products/VASE-1/main");
  const far = 999_999_999_999_999;
  const forged = vase.upload(now - 3_600, {
    version: far,
    secure_url: `https://res.cloudinary.com/demo/image/upload/v${far}/products/VASE-1/main.jpg`,
    notification_context: { triggered_at: "9999-12-31T23:59:59.000000Z" },
    timestamp: "9999-12-31T23:59:59Z",
  });
  await arrive(forged, now - 3_600);
  await arrive(vase.upload(now), now);
  expect(await shown(database.db, vase.id)).toMatchObject([
    {
      sku: "VASE-1",
      secure_url: `https://res.cloudinary.com/demo/image/upload/v${now}/products/VASE-1/main.jpg`,
    },
  ]);
  await arrive(vase.remove(now, now + 1), now + 1);
  expect(await shown(database.db, vase.id)).toEqual([]);
});
