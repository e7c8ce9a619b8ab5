import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import publicHook from "../../../netlify/functions/public.ts";
import { findProduct, listProducts, listUnmapped } from "../../../src/handlers/pim/products.ts";
import { readPictureless } from "../../../src/handlers/pim/read-pictureless.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { backfill, backfillDryRun, start } from "../../../src/lib/reconcile/backfill.ts";
import type { Asset } from "../../../src/local/cloudinary/store/state.ts";
import { settings } from "../../../src/settings.ts";
import type { Settings } from "../../../src/settings.types.ts";
import { ask } from "../../console/operator.ts";
import { adaToken, operatorToken } from "../../console/tokens.ts";
import { type World, world } from "../../handlers/moderation/world.ts";
import { hexId } from "../../support/bodies.ts";
import { invoke } from "../../support/invoke.ts";
import { loopbackReceiver } from "../../support/loopback-receiver.ts";
import { projectFolder } from "../../support/project-folder.ts";
import { run } from "../../support/run.ts";
import { signedRequest } from "../../support/signed-request.ts";

let here: World;
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());
beforeEach(async () => {
  await here.reset();
  vi.stubEnv("OPERATOR_TOKEN", operatorToken);
  await here.db.query(
    "truncate backfills, pim_asset, pim_asset_names, pim_claim, pim_moderation, pim_rendition, pim_removals",
  );
});

const old = (changed: Partial<Asset>) =>
  here.put({
    asset_id: hexId(),
    resource_type: "image",
    format: "jpg",
    moderation: [],
    access_control: null,
    ...changed,
  });
const adminCalls = () => here.calls.filter(({ api }) => api === "admin").map(({ line }) => line);
const options = (changed: Partial<Settings["pim"]> = {}) => ({
  db: here.db,
  apis: [here.api()],
  settings: { ...settings, pim: { ...settings.pim, ...changed } },
  budgetMs: 20_000,
});
const product = async (sku: string) =>
  (await findProduct(here.db, sku))?.images.map(({ publicId }) => publicId);

describe("an asset that is older than the receiver", () => {
  const tagged = (asset: Pick<Asset, "asset_id" | "public_id">) => ({
    notification_type: "resource_tags_changed",
    source: "ui",
    resources: [
      {
        asset_id: asset.asset_id,
        public_id: asset.public_id,
        resource_type: "image",
        type: "upload",
        added: ["sku:LAMP-1"],
        removed: [],
      },
    ],
    notification_context: { triggered_at: new Date(Date.now() - 60_000).toISOString() },
  });

  it("is listed without a picture when it gets its SKU, is read once, and appears", async () => {
    const lamp = old({ public_id: "archive/lamp", tags: ["sku:LAMP-1"] });
    await here.tell(tagged(lamp));
    await here.settle({}, [here.pim]);
    expect((await listUnmapped(here.db)).items).toMatchObject([
      { publicId: "archive/lamp", reason: "no-picture", skus: ["LAMP-1"], secureUrl: null },
    ]);
    expect(await findProduct(here.db, "LAMP-1")).toMatchObject({
      images: [],
      withoutPicture: [{ publicId: "archive/lamp" }],
    });
    here.calls.length = 0;
    expect(await readPictureless(here.db, here.api(), settings)).toBe(1);
    expect(await readPictureless(here.db, here.api(), settings)).toBe(0);
    expect(adminCalls()).toHaveLength(1);
    await here.settle({}, [here.pim]);
    expect(await product("LAMP-1")).toEqual(["archive/lamp"]);
    expect((await listUnmapped(here.db)).items).toEqual([]);
  });

  it("is read once if Cloudinary does not have it, and not at all if it was deleted", async () => {
    const gone = { asset_id: hexId(), public_id: "archive/gone" };
    await here.tell(tagged(gone));
    const deleted = { asset_id: hexId(), public_id: "archive/deleted" };
    await here.tell(tagged(deleted));
    await here.tell({
      notification_type: "delete",
      resources: [{ ...deleted, resource_type: "image", type: "upload" }],
    });
    await here.settle({}, [here.pim]);
    here.calls.length = 0;
    for (let run = 0; run < 3; run += 1) expect(await readPictureless(here.db, here.api(), settings)).toBe(0);
    expect(adminCalls()).toHaveLength(1);
    expect((await listUnmapped(here.db)).items.map(({ publicId }) => publicId)).toEqual(["archive/gone"]);
  });
});

it("a product whose last picture left is found by its SKU, with the asset that it had", async () => {
  const chair = old({ public_id: "products/CHAIR-1/main" });
  await backfill(options());
  await here.settle({}, [here.pim]);
  expect(await product("CHAIR-1")).toEqual(["products/CHAIR-1/main"]);
  await here.tell({
    notification_type: "delete",
    resources: [
      { asset_id: chair.asset_id, public_id: chair.public_id, resource_type: "image", type: "upload" },
    ],
  });
  await here.settle({}, [here.pim]);
  expect((await listProducts(here.db)).items).toEqual([]);
  expect((await listProducts(here.db, { search: "chair" })).items).toMatchObject([
    { sku: "CHAIR-1", images: 0 },
  ]);
  expect(await findProduct(here.db, "CHAIR-1")).toMatchObject({
    images: [],
    withoutPicture: [{ assetId: chair.asset_id, publicId: "products/CHAIR-1/main" }],
  });
});

describe("a backfill", () => {
  it("brings the whole library onto its products, tells nobody else, and a second one finds nothing", async () => {
    old({ public_id: "products/BF-1/main" });
    old({ public_id: "loose/bf", tags: ["sku:BF-1"] });
    old({ public_id: "products/BF-2/clip", resource_type: "video", format: "mp4" });
    const pending = old({
      public_id: "products/BF-3/main",
      moderation: [{ kind: "manual", status: "pending", updated_at: new Date().toISOString() }],
    });
    const dry = await backfillDryRun(options(), start);
    expect(dry).toMatchObject({ listed: 4, recorded: 4, position: null, stopped: null });
    expect(await here.deliveries("pim")).toEqual([]);

    const done = await backfill(options());
    expect(done).toMatchObject({ listed: 4, recorded: 4, adminCalls: 3, position: null, stopped: null });
    expect(await here.deliveries("pim")).toHaveLength(4);
    expect([...(await here.deliveries("moderation")), ...(await here.deliveries("email"))]).toEqual([]);
    await here.settle({}, [here.pim]);
    expect((await product("BF-1"))?.sort()).toEqual(["loose/bf", "products/BF-1/main"]);
    expect(await product("BF-2")).toEqual(["products/BF-2/clip"]);
    expect(await product("BF-3")).toEqual([]);
    expect(here.assets).toContain(pending);
    expect(await backfill(options())).toMatchObject({ listed: 4, recorded: 0 });
  });

  it("continues after the page at which it was interrupted, and leaves its share of the hourly limit", async () => {
    for (let n = 0; n < 501; n += 1) old({ public_id: `products/N-${n}/main` });
    const first = await backfill({ ...options(), budgetMs: 0 });
    expect(first).toMatchObject({
      listed: 500,
      recorded: 500,
      stopped: "time",
      position: { stage: "image" },
    });
    here.calls.length = 0;
    const rest = await backfill(options());
    expect(rest).toMatchObject({ listed: 501, recorded: 501, position: null, adminCalls: 4 });
    expect(adminCalls()).toHaveLength(3);

    const sparing = options();
    const { moderation } = sparing.settings;
    const reconcile = { ...moderation.reconcile, keepShare: 0.999 };
    const kept = await backfill(
      { ...sparing, settings: { ...sparing.settings, moderation: { ...moderation, reconcile } } },
      { restart: true },
    );
    expect(kept).toMatchObject({ listed: 500, adminCalls: 1, stopped: "budget" });
  });

  it("keeps what visitors uploaded off the products: by folder, and by what was received before", async () => {
    old({ public_id: "guests/one", tags: ["sku:TR-1"] });
    const known = old({ public_id: "loose/visitor", tags: ["sku:TR-1"] });
    const { asset_id, public_id, version } = known;
    const body = { notification_type: "eager", asset_id, public_id, version, batch_id: "b", eager: [] };
    const request = signedRequest(body, { origin: here.hookUrl, path: "/webhooks/public" });
    expect((await invoke(publicHook, request)).status).toBe(200);
    await backfill(options({ untrusted: ["guests"] }));
    await deliver({
      ...options({ untrusted: ["guests"] }),
      handlers: [here.pim],
      budgetMs: 60_000,
      handlerTimeoutMs: 15_000,
      secondLookMs: 0,
    });
    expect(await product("TR-1")).toEqual([]);
    expect(
      (await listUnmapped(here.db)).items.map(({ publicId, reason }) => [publicId, reason]).sort(),
    ).toEqual([
      ["guests/one", "untrusted"],
      ["loose/visitor", "untrusted"],
    ]);
  });

  it("is run by the command until it is complete", async () => {
    for (let n = 0; n < 3; n += 1) old({ public_id: `products/CLI-${n}/main` });
    const [project, receiver] = await Promise.all([projectFolder(), loopbackReceiver()]);
    const command = (...args: string[]) =>
      run(
        project.path,
        ["src/cli/main.ts", "backfill", "--url", receiver.url, ...args],
        { CLOUDINARY_URL: here.cloudinaryUrl, OPERATOR_TOKEN: adaToken },
        "",
      );
    const dry = await command("--dry-run");
    expect(dry).toMatchObject({ code: 0, stderr: "" });
    expect(dry.stdout).toMatch(/assets listed +3\nwould be recorded +3\nAdmin API calls +3/);
    const done = await command("--json");
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(done.stdout)).toEqual({
      listed: 3,
      recorded: 3,
      adminCalls: 3,
      finished: true,
      stopped: null,
    });
    await Promise.all([receiver.close(), project.remove()]);
  });

  it("is an operator's call, which the audit log names", async () => {
    old({ public_id: "products/API-1/main" });
    const response = await ask("/api/pim/backfill", { body: {}, origin: here.hookUrl });
    expect(await response.json()).toMatchObject({ listed: 1, recorded: 1, position: null });
    const { rows } = await here.db.query("select act from operator_acts");
    expect(rows).toEqual([{ act: "backfill" }]);
  });
});
