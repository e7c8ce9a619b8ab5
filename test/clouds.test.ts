import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { signGrant } from "../src/approve/link.ts";
import type { CloudinaryAccount } from "../src/config.types.ts";
import { checkoutContext } from "../src/doctor/checkout.ts";
import { checkCloudinary } from "../src/doctor/checks/cloudinary.ts";
import { type LocalCloudinary, localCloudinary } from "../src/local/cloudinary/local-cloudinary.ts";
import type { Asset } from "../src/local/cloudinary/store/state.ts";
import { localSendgrid } from "../src/local/sendgrid/local-sendgrid.ts";
import { type Fetch, type Serving, serve } from "../src/local/server.ts";
import { settings } from "../src/settings.ts";
import { adaToken } from "./console/tokens.ts";
import { localAsset } from "./handlers/moderation/world.ts";
import { hexId } from "./support/bodies.ts";
import { runWebhooks } from "./support/command-line.ts";
import { empty, realDatabase, type TestDatabase } from "./support/databases.ts";
import { configured } from "./support/environment.ts";
import { invoke, type NetlifyFunctionHandler } from "./support/invoke.ts";
import { signedRequest, testSecret } from "./support/signed-request.ts";

const shop: CloudinaryAccount = { cloudName: "demo", apiKey: "123456789012345", apiSecret: testSecret };
const campaigns: CloudinaryAccount = {
  cloudName: "campaigns",
  apiKey: "543210987654321",
  apiSecret: "another-S3cret_of-27-characters",
};

let database: TestDatabase;
let dataDir: string;
let server: Serving;
let clouds: Record<"demo" | "campaigns", LocalCloudinary>;
let sendgrid: Awaited<ReturnType<typeof localSendgrid>>;
/** The calls that reached Cloudinary, as `campaigns POST /image/destroy`. */
let calls: string[];
let functions: Record<"notification" | "sweep" | "reconcile" | "api" | "decide", NetlifyFunctionHandler>;

const urlOf = ({ cloudName, apiKey, apiSecret }: CloudinaryAccount) =>
  `cloudinary://${apiKey}:${apiSecret}@${cloudName}?upload_prefix=${encodeURIComponent(server.url)}`;

const both = (more: Record<string, string> = {}) =>
  configured(database.url, {
    CLOUDINARY_URL: urlOf(shop),
    CLOUDINARY_URLS: urlOf(campaigns),
    OPERATOR_TOKEN: `ada:${adaToken}`,
    SENDGRID_API_KEY: "SG.local.key-of-the-tests",
    SENDGRID_BASE_URL: server.url,
    FROM_VERIFIED_SENDER: "receiver@example.com",
    TO_RECIPIENTS: "team@example.com",
    ...more,
  });

beforeAll(async () => {
  database = await realDatabase();
  dataDir = await mkdtemp(join(tmpdir(), "clouds-"));
  let fetch: Fetch = async () => new Response(null, { status: 503 });
  server = await serve({ port: 0, fetch: (request) => fetch(request) });
  const open = (account: CloudinaryAccount) =>
    localCloudinary({
      ...account,
      dataDir: join(dataDir, account.cloudName),
      baseUrl: server.url,
      delayMs: 5,
      retryDelaysMs: [],
    });
  clouds = { demo: await open(shop), campaigns: await open(campaigns) };
  sendgrid = await localSendgrid({ dataDir: join(dataDir, "sendgrid"), apiKey: "SG.local.key-of-the-tests" });
  calls = [];
  fetch = async (request) => {
    const { pathname } = new URL(request.url);
    const [, cloud = "", path = ""] = /^\/v1_1\/([^/]+)(\/.*)$/.exec(pathname) ?? [];
    if (cloud) calls.push(`${cloud} ${request.method} ${path}`);
    const emulator = cloud === "campaigns" ? clouds.campaigns : clouds.demo;
    return (
      (await sendgrid.fetch(request)) ??
      (await emulator.fetch(request)) ??
      new Response(null, { status: 404 })
    );
  };
  both();
  // The SDK chooses between http and https when it is loaded, by the environment.
  functions = {
    notification: (await import("../netlify/functions/notification.ts")).default,
    sweep: (await import("../netlify/functions/sweep.ts")).default,
    reconcile: (await import("../netlify/functions/reconcile.ts")).default,
    api: (await import("../netlify/functions/console-api.ts")).default,
    decide: (await import("../netlify/functions/decide.ts")).default,
  };
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([clouds.demo.close(), clouds.campaigns.close(), server.close()]);
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  both();
  await empty(
    database.db,
    "notifications",
    "moderation_decision",
    "operator_acts",
    "pim_asset",
    "pim_asset_names",
    "pim_claim",
    "pim_moderation",
    "pim_rendition",
    "pim_removals",
    "erasures",
    "reconcile_positions",
    "mail_limits",
  );
  for (const { cloud } of Object.values(clouds)) cloud.store.state.assets.length = 0;
  calls.length = 0;
});

const secretOf = { demo: shop.apiSecret, campaigns: campaigns.apiSecret };
type CloudName = keyof typeof secretOf;

/** The body, signed by this cloud, at the front door. */
async function signedBy(cloud: CloudName, body: object): Promise<string> {
  const response = await invoke(functions.notification, signedRequest(body, { secret: secretOf[cloud] }));
  expect(response.status).toBe(200);
  const { id } = (await response.json()) as { id: string };
  return id;
}

const post = (path: string) => new Request(new URL(path, "https://hooks.example.com"), { method: "POST" });

/** What the schedule does: delivers everything that is due. */
async function deliver(): Promise<void> {
  expect((await invoke(functions.sweep, post("/.netlify/functions/sweep"))).status).toBe(200);
}

async function ask(path: string, body?: object) {
  const response = await invoke(
    functions.api,
    new Request(new URL(path, "https://hooks.example.com"), {
      headers: { authorization: `Bearer ${adaToken}`, "content-type": "application/json" },
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    }),
  );
  return { status: response.status, json: await response.json() };
}

const version = 1_760_000_123;
const publicId = "products/SOFA-1/main";

/** Puts a picture into a cloud, whose moderation says `status`; tells nobody. */
function put(
  cloud: CloudName,
  status: "pending" | "approved" | "rejected",
  changed: Partial<Asset> = {},
): Asset {
  const { store } = clouds[cloud].cloud;
  const asset: Asset = {
    ...localAsset(),
    public_id: publicId,
    resource_type: "image",
    format: "png",
    version,
    moderation: [{ kind: "manual", status, updated_at: "2025-10-09T09:05:00Z" }],
    serial: store.nextSerial(),
    ...changed,
  };
  store.state.assets.push(asset);
  return asset;
}

const pictureUrl = (cloud: string, { public_id, version: v }: Pick<Asset, "public_id" | "version">) =>
  `https://res.cloudinary.com/${cloud}/image/upload/v${v}/${public_id}.png`;

function uploadOf(cloud: string, asset: Asset, changed: object = {}) {
  const { asset_id, public_id, resource_type, type, version: v, format, moderation } = asset;
  return {
    notification_type: "upload",
    timestamp: "2025-10-09T08:55:23+00:00",
    request_id: hexId(),
    ...{ asset_id, public_id, version: v, resource_type, type, format, moderation },
    created_at: "2025-10-09T08:55:23Z",
    tags: [],
    bytes: 100,
    width: 10,
    height: 10,
    secure_url: pictureUrl(cloud, asset),
    ...changed,
  };
}

function decisionOn(cloud: string, asset: Asset, status: string, changed: object = {}) {
  const { asset_id, public_id, version: v } = asset;
  return {
    notification_type: "moderation",
    moderation_kind: "manual",
    moderation_status: status,
    moderation_updated_at: "2025-10-09T09:05:00Z",
    ...{ asset_id, public_id, version: v },
    uploaded_at: "2025-10-09T08:55:23Z",
    secure_url: pictureUrl(cloud, asset),
    ...changed,
  };
}

/** Published by the moderation handler: the pictures are put in restricted. */
const isOpen = ({ access_control: rules }: Asset) =>
  rules === null || rules.some(({ access_type }) => access_type === "anonymous");
const calledClouds = () => [...new Set(calls.map((call) => call.split(" ")[0]))].sort();

async function outcomes(id: string) {
  const { rows } = await database.db.query<{ handler: string; state: string; reason: string | null }>(
    "select handler, state, last_error as reason from deliveries where notification_id = $1::uuid order by handler",
    [id],
  );
  return Object.fromEntries(rows.map(({ handler, state, reason }) => [handler, reason ?? state]));
}

async function products() {
  const { rows } = await database.db.query<{ sku: string; url: string }>(
    "select sku, secure_url as url from pim_product_image order by 1, 2",
  );
  return rows;
}

describe("the same public id in two clouds", () => {
  it("an approval in one publishes its picture, and not the other's", async () => {
    const other = put("demo", "pending");
    const asset = put("campaigns", "approved");
    await signedBy("demo", uploadOf("demo", other));
    await signedBy("campaigns", uploadOf("campaigns", asset, { moderation: [] }));
    const id = await signedBy("campaigns", decisionOn("campaigns", asset, "approved"));
    await deliver();
    expect(await outcomes(id)).toMatchObject({ moderation: "done" });
    expect([isOpen(asset), isOpen(other)]).toEqual([true, false]);
    expect(calledClouds()).toEqual(["campaigns"]);
  });

  it("an operator decides about one of the two cards, in its account", async () => {
    const other = put("demo", "pending");
    const asset = put("campaigns", "pending");
    await signedBy("demo", uploadOf("demo", other));
    await signedBy("campaigns", uploadOf("campaigns", asset));
    await deliver();
    await signedBy("demo", decisionOn("demo", other, "pending"));
    await signedBy("campaigns", decisionOn("campaigns", asset, "pending"));
    await deliver();
    const { json } = await ask("/api/moderation?show=pending");
    const { cards } = json as { cards: { assetId: string; approve: object; picture: { url: string } }[] };
    expect(cards.map(({ assetId }) => assetId).sort()).toEqual(
      [other.asset_id, `campaigns:${asset.asset_id}`].sort(),
    );
    const card = cards.find(({ assetId }) => assetId.startsWith("campaigns:"));
    expect(card).toMatchObject({
      approve: { does: "nothing" },
      picture: { url: pictureUrl("campaigns", asset) },
    });
    calls.length = 0;
    expect(
      await ask("/api/moderation/decide", {
        assetId: card?.assetId,
        version,
        status: "approved",
        seen: "pending",
      }),
    ).toMatchObject({ status: 200 });
    expect(calls.every((call) => call.startsWith("campaigns "))).toBe(true);
    expect(asset.moderation).toMatchObject([{ status: "approved" }]);
    expect(other.moderation).toMatchObject([{ status: "pending" }]);
  });

  it("a link in a mail decides in the cloud that it is about", async () => {
    const secret = "a-secret-of-links-with-more-than-32-characters";
    both({ APPROVE_LINK_SECRET: secret, NETLIFY_DEV: "true" });
    const other = put("demo", "pending");
    const asset = put("campaigns", "pending");
    for (const [cloud, one] of [
      ["demo", other],
      ["campaigns", asset],
    ] as const)
      await signedBy(cloud, decisionOn(cloud, one, "pending"));
    await deliver();
    calls.length = 0;
    const token = signGrant(secret, {
      assetId: `campaigns:${asset.asset_id}`,
      version,
      recipient: "a…@example.com",
      expiresAt: Date.now() + 60_000,
    });
    const request = new Request(new URL(`/decide/${token}`, "https://hooks.example.com"), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "decision=approved",
    });
    expect((await invoke(functions.decide, request)).status).toBe(200);
    expect(calledClouds()).toEqual(["campaigns"]);
    expect(asset.moderation).toMatchObject([{ status: "approved" }]);
    expect(other.moderation).toMatchObject([{ status: "pending" }]);
  });

  it("a backfill lists both libraries", async () => {
    const open = { access_control: null };
    const [one, two] = [put("demo", "approved", open), put("campaigns", "approved", open)];
    const { json } = await ask("/api/pim/backfill", {});
    expect(json).toMatchObject({ listed: 2, recorded: 2, position: null });
    await deliver();
    const { rows } = await database.db.query("select asset_id, cloud from notifications order by cloud");
    expect(rows).toEqual([
      { asset_id: `campaigns:${two.asset_id}`, cloud: "campaigns" },
      { asset_id: one.asset_id, cloud: "demo" },
    ]);
    expect((await products()).map(({ sku }) => sku)).toEqual(["SOFA-1", "SOFA-1"]);
  });

  it("a product shows both, and a delete without an asset id removes that of its own cloud", async () => {
    const first = put("demo", "approved");
    const second = put("campaigns", "approved");
    await signedBy("demo", uploadOf("demo", first, { moderation: [] }));
    await signedBy("campaigns", uploadOf("campaigns", second, { moderation: [] }));
    await deliver();
    expect(await products()).toEqual([
      { sku: "SOFA-1", url: pictureUrl("campaigns", second) },
      { sku: "SOFA-1", url: pictureUrl("demo", first) },
    ]);
    await signedBy("campaigns", {
      notification_type: "delete",
      timestamp: "2025-10-09T10:00:00Z",
      resources: [{ public_id: publicId, resource_type: "image", type: "upload", version }],
    });
    await deliver();
    expect(await products()).toEqual([{ sku: "SOFA-1", url: pictureUrl("demo", first) }]);
  });

  it("bodies without asset ids are about different assets", async () => {
    const [one, two] = [put("demo", "approved"), put("campaigns", "approved")];
    for (const [cloud, asset] of [
      ["demo", one],
      ["campaigns", two],
    ] as const)
      await signedBy(cloud, uploadOf(cloud, asset, { asset_id: undefined, moderation: [] }));
    await deliver();
    const { rows } = await database.db.query("select asset_id from pim_asset order by 1");
    expect(rows).toEqual([
      { asset_id: `campaigns:image/upload/${publicId}` },
      { asset_id: `image/upload/${publicId}` },
    ]);
  });

  it("an erasure by the public id asks which cloud is meant, and leaves the other", async () => {
    const [one, two] = [put("demo", "approved"), put("campaigns", "approved")];
    await signedBy("demo", uploadOf("demo", one, { moderation: [] }));
    const goes = await signedBy("campaigns", uploadOf("campaigns", two, { moderation: [] }));
    await deliver();
    const reason = "request 4711";
    expect(await ask("/api/erasures", { asset: publicId, reason })).toMatchObject({
      status: 409,
      json: { error: { reason: "in-several-clouds" } },
    });
    expect(await ask("/api/erasures", { asset: `campaigns:${publicId}`, reason })).toMatchObject({
      status: 200,
      json: { finished: true, counts: { notifications: 1 } },
    });
    const { rows } = await database.db.query("select id from notifications where erased_at is not null");
    expect(rows).toEqual([{ id: goes }]);
    expect(await products()).toEqual([{ sku: "SOFA-1", url: pictureUrl("demo", one) }]);
    // An asset id is in one cloud only, so it needs no name of a cloud.
    expect(await ask("/api/erasures", { asset: one.asset_id, reason })).toMatchObject({ status: 200 });
    const { rows: left } = await database.db.query("select from notifications where erased_at is null");
    expect(left).toEqual([]);
    expect(await products()).toEqual([]);
  });
});

describe("a notification that another cloud's secret signed", () => {
  it("decides nothing about an asset of this cloud", async () => {
    const asset = put("demo", "approved");
    await signedBy("demo", uploadOf("demo", asset, { moderation: [] }));
    await deliver();
    const id = await signedBy("campaigns", decisionOn("demo", asset, "approved"));
    const own = await signedBy("campaigns", decisionOn("campaigns", asset, "approved"));
    await deliver();
    expect(await outcomes(id)).toMatchObject({ moderation: "other-cloud", pim: "other-cloud" });
    expect(await outcomes(own)).toMatchObject({ moderation: "gone" });
    expect(isOpen(asset)).toBe(false);
    expect(calledClouds()).toEqual(["campaigns"]);
    // What it claimed does not stand in the way of the true decision, with the same time.
    const genuine = await signedBy("demo", decisionOn("demo", asset, "approved"));
    await deliver();
    expect(await outcomes(genuine)).toMatchObject({ moderation: "done" });
    expect(isOpen(asset)).toBe(true);
  });

  it("does not hide the same body of this cloud as a repeat", async () => {
    const asset = put("demo", "approved");
    const body = uploadOf("demo", asset, { moderation: [] });
    const forged = await signedBy("campaigns", body);
    const own = await signedBy("demo", body);
    expect(own).not.toBe(forged);
    expect(await signedBy("demo", body)).toBe(own);
    await deliver();
    expect(await outcomes(forged)).toMatchObject({ pim: "other-cloud" });
    expect(await outcomes(own)).toMatchObject({ pim: "done" });
  });

  it("changes no product picture of this cloud, whatever asset id it names", async () => {
    const asset = put("demo", "approved");
    await signedBy("demo", uploadOf("demo", asset, { moderation: [] }));
    // With a URL of its own cloud, the id of the other asset, and a newer version.
    const newer = { ...asset, version: version + 50 };
    await signedBy("campaigns", uploadOf("campaigns", newer, { moderation: [], tags: ["sku:OTHER-2"] }));
    await signedBy("campaigns", {
      notification_type: "delete",
      timestamp: "2025-10-09T10:00:00Z",
      resources: [
        {
          asset_id: asset.asset_id,
          public_id: publicId,
          version: version + 60,
          resource_type: "image",
          type: "upload",
        },
      ],
    });
    await deliver();
    expect(await products()).toEqual([{ sku: "SOFA-1", url: pictureUrl("demo", asset) }]);
  });

  it("cannot name an asset of the other cloud by the form that the receiver keeps", async () => {
    const asset = put("campaigns", "approved");
    await signedBy("campaigns", uploadOf("campaigns", asset, { moderation: [] }));
    await deliver();
    const forged = { ...asset, asset_id: `campaigns:${asset.asset_id}` };
    const id = await signedBy("demo", decisionOn("demo", forged, "approved"));
    await signedBy("demo", uploadOf("demo", { ...forged, version: version + 50 }, { moderation: [] }));
    await deliver();
    expect(await outcomes(id)).not.toMatchObject({ moderation: "done" });
    expect(isOpen(asset)).toBe(false);
    expect(calledClouds()).toEqual(["demo"]);
    const { rows } = await database.db.query("select version::int from pim_asset where asset_id = $1", [
      forged.asset_id,
    ]);
    expect(rows).toEqual([{ version }]);
  });

  it("has no effect in a cloud without credentials", async () => {
    both({
      CLOUDINARY_WEBHOOK_SECRETS: `shop:${testSecret} elsewhere:a-third-s3cret_0123456#elsewhere`,
      CLOUDINARY_URLS: "",
    });
    const asset = put("demo", "rejected");
    const body = decisionOn("elsewhere", asset, "rejected");
    const response = await invoke(
      functions.notification,
      signedRequest(body, { secret: "a-third-s3cret_0123456" }),
    );
    const { id } = (await response.json()) as { id: string };
    await deliver();
    expect(await outcomes(id)).toMatchObject({ moderation: "other-cloud", pim: "other-cloud" });
    expect(calls).toEqual([]);
  });
});

it("reconcile finds what each cloud holds, and keeps a position of each", async () => {
  const [one, two] = [put("demo", "approved"), put("campaigns", "approved")];
  await signedBy("demo", uploadOf("demo", one, { moderation: [] }));
  await signedBy("campaigns", uploadOf("campaigns", two, { moderation: [] }));
  await database.db.query("update first_start set at = '2025-10-01'");
  await database.db.query(
    "insert into reconcile_positions (asset_prefix, started_at) values ('campaigns:', '2025-10-01')",
  );
  const response = await invoke(functions.reconcile, post("/.netlify/functions/reconcile"));
  expect(await response.json()).toMatchObject({
    clouds: { demo: { missed: { decisions: 1 } }, campaigns: { missed: { decisions: 1 } } },
  });
  await deliver();
  expect([isOpen(one), isOpen(two)]).toEqual([true, true]);
  const { rows } = await database.db.query("select asset_prefix, missed, stage from reconcile_positions");
  expect(rows).toEqual([{ asset_prefix: "campaigns:", missed: 1, stage: null }]);
});

it("mails name the cloud if there are several, and show its picture", async () => {
  const asset = put("campaigns", "pending");
  await signedBy("campaigns", decisionOn("campaigns", asset, "pending"));
  await deliver();
  expect(await newestMail()).toMatch(/Product environment: campaigns\n/);

  configured(database.url, {
    CLOUDINARY_URL: urlOf(shop),
    SENDGRID_API_KEY: "SG.local.key-of-the-tests",
    SENDGRID_BASE_URL: server.url,
    FROM_VERIFIED_SENDER: "receiver@example.com",
    TO_RECIPIENTS: "team@example.com",
  });
  const other = put("demo", "pending", { version: version + 1 });
  await signedBy("demo", decisionOn("demo", other, "pending"));
  await deliver();
  expect(await newestMail()).not.toContain("Product environment");
});

it("setup configures each account, or the one that is named", async () => {
  const variables = { CLOUDINARY_URL: urlOf(shop), CLOUDINARY_URLS: urlOf(campaigns) };
  const setup = async (...args: string[]) => {
    const command = ["setup", "--url", "https://hooks.example.com", "--yes", "--json", ...args];
    const { code, stdout } = await runWebhooks(process.cwd(), command, variables);
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  const triggers = () =>
    Object.values(clouds).map(({ cloud }) => cloud.store.state.triggers.map(({ uri }) => uri));
  expect(await setup("--cloud", "campaigns")).toMatchObject({ cloud: "campaigns" });
  expect(triggers()).toEqual([[], ["https://hooks.example.com/webhooks"]]);
  expect(await setup()).toMatchObject({ clouds: [{ cloud: "demo" }, { cloud: "campaigns" }] });
  expect(triggers()).toEqual([
    ["https://hooks.example.com/webhooks"],
    ["https://hooks.example.com/webhooks"],
  ]);
  for (const { cloud } of Object.values(clouds)) cloud.store.state.triggers.length = 0;
});

it("doctor checks each account, and says when another cloud has become the first one", async () => {
  const found = async (variables: Record<string, string>) => {
    const { context, close } = await checkoutContext({
      folder: process.cwd(),
      env: { DATABASE_URL: database.url, ...variables },
      settings,
      siteUrl: "https://hooks.example.com",
      isLocal: true,
    });
    const findings = await checkCloudinary(context);
    await close();
    return findings.map(({ id, level, what }) => `${level} ${id}: ${what}`);
  };
  const asset = put("campaigns", "approved");
  await signedBy("campaigns", uploadOf("campaigns", asset));
  const wrong = urlOf(campaigns).replace(campaigns.apiSecret, "not-the-S3cret_of-that-cloud");
  const findings = await found({ CLOUDINARY_URL: urlOf(shop), CLOUDINARY_URLS: wrong });
  expect(findings).toContain("ok cloudinary.demo.key: demo: Key and secret of the cloud demo work");
  expect(findings).toContain(
    "failed cloudinary.campaigns.key: campaigns: Cloudinary rejects the key, the secret or the cloud's name in CLOUDINARY_URLS",
  );
  expect(findings.join("\n")).not.toContain("cloudinary.first");
  const turned = await found({ CLOUDINARY_URL: urlOf(campaigns), CLOUDINARY_URLS: urlOf(shop) });
  expect(turned).toContain("failed cloudinary.first: campaigns was not always the first cloud");
});

async function newestMail(): Promise<string> {
  const mails = sendgrid.mailbox.list();
  return String(mails.at(-1)?.text ?? "");
}
