import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import publicHook from "../../../netlify/functions/public.ts";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { settings } from "../../../src/settings.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { type Site, site } from "../../support/site.ts";
import { assetBodies } from "./bodies.ts";

let database: TestDatabase;
let here: Site;
beforeAll(async () => {
  database = await realDatabase();
  here = await site();
  configured(database.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await here.close();
  await database.drop();
});

const hooks = { public: publicHook, trigger: notification };
type Hook = keyof typeof hooks;

/** Through the front door, and then by the worker. */
async function arrive(hook: Hook, body: object): Promise<void> {
  const path = hook === "public" ? "/webhooks/public" : "/webhooks";
  const response = await invoke(hooks[hook], signedRequest(body, { origin: here.origin, path }));
  expect(response.status).toBe(200);
  await work();
}

async function work(): Promise<void> {
  await deliver({
    db: database.db,
    handlers: [pim()],
    settings,
    budgetMs: 60_000,
    handlerTimeoutMs: 15_000,
    secondLookMs: 0,
  });
}

async function products(assetId: string): Promise<string[]> {
  const { rows } = await database.db.query<{ sku: string }>(
    "select distinct sku from pim_product_image where asset_id = $1",
    [assetId],
  );
  return rows.map(({ sku }) => sku);
}

const now = Math.floor(Date.now() / 1_000) - 600;
const claims: [string, string, Record<string, unknown>][] = [
  ["context sku=VASE-1", "loose/a", { context: { custom: { sku: "VASE-1" } } }],
  ["the tag sku:VASE-1", "loose/b", { tags: ["sku:VASE-1"] }],
  ["the public id products/VASE-1/main-0", "products/VASE-1/main-0", {}],
  ["metadata sku", "loose/c", { metadata: { sku: "VASE-1" } }],
];

describe.each(claims)("an unsigned upload with %s", (_, publicId, more) => {
  it.each<{ by: string; order: Hook[] }>([
    { by: "the public hook alone", order: ["public"] },
    { by: "the public hook, then the global trigger", order: ["public", "trigger"] },
    { by: "the global trigger, then the public hook", order: ["trigger", "public"] },
  ])("received on $by, is on no product until it is approved", async ({ order }) => {
    const guest = assetBodies(publicId);
    const body = guest.upload(now, { ...more, request_id: guest.id });
    // The very same body by both hooks, and one that differs.
    for (const hook of order) await arrive(hook, body);
    for (const hook of order) await arrive(hook, guest.eager(now, ["w_9"]));
    expect(await products(guest.id)).toEqual([]);
    const approved = guest.moderation("manual", "approved", now, now + 60);
    await arrive(order[0] ?? "public", approved);
    expect(await products(guest.id)).toEqual(["VASE-1"]);
    await arrive("public", guest.upload(now + 120, { ...more, request_id: `${guest.id}-again` }));
    expect(await products(guest.id)).toEqual([]);
  });
});

it("an upload by the team to another hook shows at once", async () => {
  const vase = assetBodies("products/VASE-1/main-0");
  await arrive("trigger", vase.upload(now));
  expect(await products(vase.id)).toEqual(["VASE-1"]);
});
