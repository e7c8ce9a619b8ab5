import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { pimWebhook } from "../../../src/handlers/pim-webhook/handler.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { settings } from "../../../src/settings.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive, makeDue, unhurried } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { type Site, site } from "../../support/site.ts";
import { type Receiver, receiver } from "../pim-webhook/receiver.ts";
import { assetBodies } from "./bodies.ts";

let database: TestDatabase;
let here: Site;
let endpoint: Receiver;
beforeAll(async () => {
  database = await realDatabase();
  here = await site();
  endpoint = await receiver();
});
afterAll(async () => {
  await endpoint.close();
  await here.close();
  await database.drop();
});
afterEach(() => vi.unstubAllEnvs());

const t = 1_750_000_000;
const secret = `whsec_${Buffer.from("a-secret-of-thirty-two-bytes-....").toString("base64")}`;

function work() {
  return deliver({
    db: database.db,
    handlers: [pim(), pimWebhook({ url: endpoint.url, secrets: [secret], allowPrivate: true })],
    settings: { ...settings, pim: { ...settings.pim, connectors: ["pim:webhook"] } },
    ...unhurried,
  });
}

async function pushes(state: string) {
  const { rows } = await database.db.query<{ subject: string }>(
    "select subject from deliveries where handler = 'pim:webhook' and state = $1 order by subject",
    [state],
  );
  return rows.map(({ subject }) => subject);
}

it("K4 pushes each product once after a day of outage, in its current state", async () => {
  configured(database.url);
  const products = ["OUT-1", "OUT-2", "OUT-3"].map((sku) => ({
    sku,
    asset: assetBodies(`products/${sku}/main`),
  }));
  endpoint.answering = { status: 503 };

  for (let hour = 0; hour < 8; hour += 1) {
    for (const { asset } of products) await arrive(asset.upload(t + hour), here.origin);
    await work();
    if (hour < 5) await makeDue(database.db); // The first tries of those that wait fail in between.
  }
  expect(await pushes("due")).toEqual(["OUT-1", "OUT-2", "OUT-3"]);
  expect(await pushes("dead")).toEqual([]);
  expect(endpoint.received.length).toBeGreaterThan(3);

  endpoint.received.length = 0;
  endpoint.answering = { status: 200 };
  await makeDue(database.db);
  await work();

  const pushed = endpoint.received.map(({ body }) => JSON.parse(body).data);
  expect(pushed.map(({ sku }) => sku).sort()).toEqual(["OUT-1", "OUT-2", "OUT-3"]);
  for (const { sku, images } of pushed)
    expect(images).toMatchObject([
      { url: `https://res.cloudinary.com/demo/image/upload/v${t + 7}/products/${sku}/main.jpg` },
    ]);
  expect(await pushes("due")).toEqual([]);
  expect(await pushes("running")).toEqual([]);
});
