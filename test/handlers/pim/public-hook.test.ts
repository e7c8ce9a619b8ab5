import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import publicHook from "../../../netlify/functions/public.ts";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { settings } from "../../../src/settings.ts";
import type { Settings } from "../../../src/settings.types.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { type Site, site } from "../../support/site.ts";
import { assetBodies } from "./bodies.ts";
import { fakeAccount } from "./fake-account.ts";

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

const cloudinary = fakeAccount();

/** Through the front door, and then by the worker. Cloudinary has the decisions of the body. */
async function arrive(hook: Hook, body: object, changed?: Partial<Settings["pim"]>): Promise<void> {
  cloudinary.hear({ ...body });
  const path = hook === "public" ? "/webhooks/public" : "/webhooks";
  const response = await invoke(hooks[hook], signedRequest(body, { origin: here.origin, path }));
  expect(response.status).toBe(200);
  await work(changed);
}

async function work(changed: Partial<Settings["pim"]> = {}): Promise<void> {
  await deliver({
    db: database.db,
    handlers: [pim({ api: cloudinary.api })],
    settings: { ...settings, pim: { ...settings.pim, approvalReadsPerHour: 1_000, ...changed } },
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

it("an upload by the team on another hook is shown at once", async () => {
  const vase = assetBodies("products/VASE-1/main-0");
  await arrive("trigger", vase.upload(now));
  expect(await products(vase.id)).toEqual(["VASE-1"]);
});

describe("a visitor's upload with another body that lacks the asset id", () => {
  const nameless = ({ asset_id: _, ...body }: { asset_id: string }) => body;
  /** All that products show under the name, whichever row it comes from. */
  async function shown(name: string): Promise<string[]> {
    const { rows } = await database.db.query<{ sku: string }>(
      "select distinct sku from pim_product_image where public_id = $1",
      [name],
    );
    return rows.map(({ sku }) => sku);
  }
  const eagerOf = (guest: ReturnType<typeof assetBodies>, version: number) =>
    nameless(guest.eager(version, ["w_9"]));

  it.each<{ first: string; sku: string; order: ("upload" | "eager")[] }>([
    { first: "the upload", sku: "JUG-1", order: ["upload", "eager"] },
    { first: "the eager result", sku: "JUG-4", order: ["eager", "upload"] },
  ])("is on no product until its version is approved, with $first first", async ({ sku, order }) => {
    const publicId = `products/${sku}/main-0`;
    const guest = assetBodies(publicId);
    const bodies = {
      upload: () => arrive("public", guest.upload(now, { request_id: guest.id })),
      eager: () => arrive("trigger", eagerOf(guest, now)),
    };
    for (const one of order) await bodies[one]();
    expect(await shown(publicId)).toEqual([]);
    await arrive("trigger", guest.moderation("manual", "approved", now, now + 60));
    expect(await shown(publicId)).toEqual([sku]);
    // The next version needs an approval of its own.
    await arrive("trigger", eagerOf(guest, now + 100));
    expect(await shown(publicId)).toEqual([]);
  });

  const ends: [string, string, (guest: ReturnType<typeof assetBodies>) => object][] = [
    ["deleted", "JUG-6", (guest) => guest.remove(now, now + 90)],
    ["deleted without its version", "JUG-7", (guest) => guest.remove(null, now + 90)],
    ["rejected by a person", "JUG-8", (guest) => guest.moderation("manual", "rejected", now, now + 90)],
    ["rejected by a machine", "JUG-9", (guest) => guest.moderation("aws_rek", "rejected", now, now + 90)],
  ];
  it.each(ends)("is on no product once the asset was %s, in both orders", async (_, sku, end) => {
    for (const order of ["before", "after"]) {
      const publicId = `products/${sku}/main-${order}`;
      const guest = assetBodies(publicId);
      await arrive("public", guest.upload(now, { request_id: guest.id }));
      await arrive("trigger", guest.moderation("manual", "approved", now, now + 60));
      if (order === "before") {
        await arrive("trigger", eagerOf(guest, now));
        expect(await shown(publicId)).toEqual([sku]);
      }
      await arrive("trigger", end(guest));
      if (order === "after") await arrive("trigger", eagerOf(guest, now));
      expect(await shown(publicId)).toEqual([]);
    }
  });

  it("has no product after a rename either, regardless of which body has the asset id", async () => {
    const publicId = "products/JUG-5/main-0";
    const guest = assetBodies("loose/guest");
    await arrive("public", guest.upload(now, { request_id: guest.id }));
    await arrive("trigger", nameless(guest.rename(publicId, now + 10)));
    await arrive("trigger", eagerOf(assetBodies(publicId), now));
    expect(await shown(publicId)).toEqual([]);
  });

  it("has no product if only the eager result has an asset id", async () => {
    const guest = assetBodies("products/JUG-2/main-0");
    await arrive("public", nameless(guest.upload(now, { request_id: guest.id })));
    await arrive("trigger", guest.eager(now, ["w_9"]));
    expect(await shown("products/JUG-2/main-0")).toEqual([]);
  });

  it("removes no picture of another resource type or asset id from its product", async () => {
    const name = "products/JUG-3/main-0";
    const team = assetBodies(name);
    await arrive("trigger", team.upload(now));
    const old = assetBodies("products/JUG-3/gallery-1");
    await arrive("trigger", nameless(old.upload(now)));
    for (const publicId of [name, "products/JUG-3/gallery-1"]) {
      const guest = assetBodies(publicId);
      const secure_url = `https://res.cloudinary.com/demo/video/upload/v${now}/${publicId}.mp4`;
      await arrive("public", guest.upload(now, { resource_type: "video", secure_url }));
    }
    expect(await shown(name)).toEqual(["JUG-3"]);
    expect(await shown("products/JUG-3/gallery-1")).toEqual(["JUG-3"]);
  });
});

describe("a visitor's upload to a public id of the team", () => {
  const stolen = {
    existing: true,
    context: { custom: { sku: "BOWL" } },
    tags: ["sku:BOWL"],
    metadata: { sku: "BOWL" },
    asset_folder: "visitors",
    display_name: "BOWL",
  };
  const untrusted = { untrusted: ["visitors"] };

  it.each<{ by: string; order: Hook[]; differ: boolean }>([
    { by: "the public hook", order: ["public"], differ: false },
    { by: "the global trigger alone", order: ["trigger"], differ: false },
    { by: "the global trigger, then the public hook", order: ["trigger", "public"], differ: false },
    { by: "both, with bodies that differ", order: ["trigger", "public"], differ: true },
    { by: "both, the public hook first", order: ["public", "trigger"], differ: true },
  ])("received on $by, leaves its picture on its product", async ({ order, differ }) => {
    const vase = assetBodies("products/VASE-9/main");
    await arrive("trigger", vase.upload(now), untrusted);
    for (const [index, hook] of order.entries())
      await arrive(
        hook,
        vase.upload(now, {
          ...stolen,
          request_id: `${vase.id}-${differ ? index : 0}`,
          notification_context: { triggered_at: new Date((now + 300) * 1_000).toISOString() },
        }),
        untrusted,
      );
    expect(await products(vase.id)).toEqual(["VASE-9"]);
  });

  it("maps an unknown asset by its name only", async () => {
    const vase = assetBodies("products/VASE-8/main");
    await arrive("trigger", vase.upload(now, stolen));
    expect(await products(vase.id)).toEqual(["VASE-8"]);
  });
});

describe("an approval of a visitor's upload", () => {
  it.each(["duplicate", "aws_rek", "webpurify", "google_video_moderation", "summary"])(
    "by %s alone puts it on no product",
    async (kind) => {
      const guest = assetBodies("products/CUP-1/main");
      await arrive("public", guest.upload(now, { moderation: [{ kind, status: "approved" }] }));
      expect(await products(guest.id)).toEqual([]);
      await arrive("trigger", guest.moderation("manual", "approved", now, now + 60));
      expect(await products(guest.id)).toEqual(["CUP-1"]);
    },
  );

  it("counts for the kinds in the settings, unless another kind has another status", async () => {
    const trusting = { trustedKinds: ["aws_rek"], showPending: true };
    const guest = assetBodies("products/CUP-2/main");
    const moderation = [
      { kind: "aws_rek", status: "approved" },
      { kind: "duplicate", status: "pending" },
    ];
    await arrive("public", guest.upload(now, { moderation }), trusting);
    expect(await products(guest.id)).toEqual([]);
    await arrive("trigger", guest.moderation("duplicate", "approved", now, now + 5), trusting);
    expect(await products(guest.id)).toEqual(["CUP-2"]);
    // A person's decision is not among them.
    const other = assetBodies("products/CUP-2/gallery-1");
    await arrive("public", other.upload(now), trusting);
    await arrive("trigger", other.moderation("manual", "approved", now, now + 5), trusting);
    expect(await products(other.id)).toEqual([]);
  });
});
