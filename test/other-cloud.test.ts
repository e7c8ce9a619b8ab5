import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../netlify/functions/notification.ts";
import sweep from "../netlify/functions/sweep.ts";
import { assetBodies } from "./handlers/pim/bodies.ts";
import { shown } from "./handlers/pim/play.ts";
import { uploadBody } from "./support/bodies.ts";
import { realDatabase, type TestDatabase } from "./support/databases.ts";
import { deliveriesOf } from "./support/deliveries.ts";
import { configured } from "./support/environment.ts";
import { invoke } from "./support/invoke.ts";
import { signedRequest, testSecret } from "./support/signed-request.ts";
import { type Site, site } from "./support/site.ts";

const theirs = "another-Clouds-secret-27-ch";

let database: TestDatabase;
let here: Site;
beforeAll(async () => {
  [database, here] = await Promise.all([realDatabase(), site()]);
});
afterAll(() => Promise.all([database.drop(), here.close()]));
beforeEach(() =>
  configured(database.url, { CLOUDINARY_WEBHOOK_SECRETS: `ours:${testSecret} theirs:${theirs}#their-cloud` }),
);
afterEach(() => vi.unstubAllEnvs());

/** Through the hook and the sweep, as deployed; how each delivery ended. */
async function arrive(body: object, secret: string) {
  const answer = await invoke(notification, signedRequest(body, { origin: here.origin, secret }));
  expect(answer.status).toBe(200);
  const { id } = (await answer.json()) as { id: string };
  const url = new URL("/.netlify/functions/sweep", here.origin);
  await invoke(sweep, new Request(url, { method: "POST", body: '{"next_run":"soon"}' }));
  const deliveries = await deliveriesOf(database.db, id);
  return Object.fromEntries(deliveries.map((d) => [d.handler, { state: d.state, reason: d.last_error }]));
}

const now = Math.floor(Date.now() / 1_000);
const skipped = { state: "skipped", reason: "other-cloud" };

describe("a notification signed with another cloud's secret", () => {
  const vase = assetBodies("products/VASE-1/main");
  const url = `https://res.cloudinary.com/demo/image/upload/v${now}/products/VASE-1/main.jpg`;
  const isShown = [{ sku: "VASE-1", rendition: "original", secure_url: url, is_file: false, stale: false }];
  beforeAll(async () => {
    configured(database.url, { CLOUDINARY_WEBHOOK_SECRETS: `ours:${testSecret}` });
    await arrive(vase.upload(now), testSecret);
    vi.unstubAllEnvs();
  });

  it.each([
    ["a delete without a URL, by asset id", vase.remove(now, now + 1)],
    [
      "a delete by public id alone",
      { notification_type: "delete", resources: [{ public_id: "products/VASE-1/main" }] },
    ],
    ["a tag change without a URL", vase.tags(["sku:JUG"], [], now + 1)],
    ["a rename", vase.rename("products/JUG/main", now + 1)],
    ["an upload that names our cloud's URL", vase.upload(now + 1)],
    [
      "an upload of its own cloud",
      vase.upload(now + 1, { secure_url: url.replace("/demo/", "/their-cloud/") }),
    ],
  ])("changes nothing of ours: %s", async (_what, body) => {
    expect(await arrive(body, theirs)).toMatchObject({ pim: skipped });
    expect(await shown(database.db, vase.id)).toEqual(isShown);
  });

  it("decides nothing about our asset, and does not count among our own decisions", async () => {
    const decided = { moderation: [{ kind: "manual", status: "rejected" }] };
    const ends = await arrive(vase.upload(now + 2, decided), theirs);
    expect(ends).toEqual({ moderation: skipped, pim: skipped });
    const { rows } = await database.db.query("select * from moderation_decision where asset_id = $1", [
      vase.id,
    ]);
    expect(rows).toEqual([]);
  });
});

describe("a notification with our signature and another cloud's picture", () => {
  it.each([
    ["another cloud", "https://res.cloudinary.com/their-cloud/image/upload/v1/products/BOWL/main.jpg"],
    [
      "a private host of another cloud",
      "https://their-cloud-res.cloudinary.com/image/upload/v1/products/BOWL/main.jpg",
    ],
    [
      "a host that merely has our name in its path",
      "https://evil.example/demo/image/upload/v1/products/BOWL/main.jpg",
    ],
  ])("puts it on no product: %s", async (_what, secure_url) => {
    const bowl = assetBodies("products/BOWL/main");
    expect(await arrive(bowl.upload(now, { secure_url }), testSecret)).toMatchObject({ pim: skipped });
    const eager = { eager: [{ transformation: "w_9", secure_url }] };
    expect(await arrive({ ...bowl.eager(now, []), ...eager }, testSecret)).toMatchObject({ pim: skipped });
    expect(await shown(database.db, bowl.id)).toEqual([]);
  });
});

it("an ordinary notification of our own is delivered as before", async () => {
  expect(await arrive(uploadBody(), testSecret)).toMatchObject({ pim: { state: "done" } });
});
