import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { type LocalCloudinary, localCloudinary } from "../../../src/local/cloudinary/local-cloudinary.ts";
import { type Fetch, type Serving, serve } from "../../../src/local/server.ts";
import { settings } from "../../../src/settings.ts";
import { hexId } from "../../support/bodies.ts";
import { becomes, browser, builtPage, hasBrowser, openPage } from "../../support/browser.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { testSecret } from "../../support/signed-request.ts";
import type { ConsoleSite } from "../console-site.ts";
import { adaToken, operatorToken } from "../tokens.ts";

const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: testSecret };

let database: TestDatabase;
let dataDir: string;
let server: Serving;
let cloudinary: LocalCloudinary;

beforeAll(async () => {
  database = await realDatabase();
  dataDir = await mkdtemp(join(tmpdir(), "console-moderation-"));
  let fetch: Fetch = async () => new Response(null, { status: 503 });
  server = await serve({ port: 0, fetch: (request) => fetch(request) });
  cloudinary = await localCloudinary({
    ...account,
    dataDir,
    baseUrl: server.url,
    delayMs: 5,
    retryDelaysMs: [],
  });
  fetch = async (request) => (await cloudinary.fetch(request)) ?? new Response(null, { status: 404 });
  // The SDK chooses between http and https when it is loaded, by the environment.
  configured(database.url, {
    OPERATOR_TOKEN: operatorToken,
    CLOUDINARY_URL: `cloudinary://${account.apiKey}:${account.apiSecret}@demo?upload_prefix=${encodeURIComponent(server.url)}`,
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([cloudinary.close(), server.close()]);
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

let site: ConsoleSite;

/** Asks the console's API over HTTP: what it is made of is loaded late, with the SDK. */
async function ask(path: string, body?: object): Promise<Response> {
  return await fetch(new URL(path, site.origin), {
    headers: { authorization: `Bearer ${adaToken}`, "content-type": "application/json" },
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  });
}

interface Card {
  assetId: string;
  version: number;
  publicId: string;
  status: string;
  action: string;
  carriedOutAt: string | null;
}
const cards = async (show: string) =>
  ((await (await ask(`/api/moderation?show=${show}`)).json()) as { cards: Card[] }).cards;
const newestAct = async () =>
  (
    (await (await ask("/api/acts?limit=1")).json()) as {
      acts: { act: string; who: string; detail: object }[];
    }
  ).acts[0];

/** Uploads a picture that waits for a moderator. */
async function upload(publicId: string): Promise<void> {
  const { v2: sdk } = await import("cloudinary");
  const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: "#3448c5" } })
    .png()
    .toBuffer();
  await sdk.uploader.upload(`data:image/png;base64,${picture.toString("base64")}`, {
    public_id: publicId,
    moderation: "manual",
  });
  await cloudinary.idle();
}

/** Delivers to the moderation handler, whose calls Cloudinary notifies in its turn, until nothing is left. */
async function carryOut(): Promise<void> {
  const { moderation } = await import("../../../src/handlers/moderation/handler.ts");
  await cloudinary.idle();
  await deliver({
    db: database.db,
    handlers: [moderation(account)],
    settings,
    budgetMs: 20_000,
    handlerTimeoutMs: 10_000,
    secondLookMs: 0,
  });
  await cloudinary.idle();
}

describe("the board", () => {
  let built: Awaited<ReturnType<typeof builtPage>>;
  let chromium: Browser | undefined;

  beforeAll(async () => {
    built = await builtPage();
    const { consoleSite } = await import("../console-site.ts");
    site = await consoleSite(built.folder);
    cloudinary.cloud.store.state.triggers.push({
      id: hexId(),
      uri: `${site.origin}/webhooks`,
      event_type: "all",
      additive: true,
      auth_scheme: "legacy_hmac",
      created_at: "2025-10-09T08:00:00Z",
      updated_at: "2025-10-09T08:00:00Z",
    });
    if (hasBrowser) chromium = await browser();
  }, 120_000);
  afterAll(async () => {
    await chromium?.close();
    await Promise.all([site.close(), built.remove()]);
  });

  it("tells Cloudinary what was decided, and shows it as decided once Cloudinary notifies it", async () => {
    await upload("community/api");
    await carryOut();
    const [card] = await cards("pending");
    expect(card).toMatchObject({ publicId: "community/api", status: "pending" });
    const json = {
      assetId: card?.assetId,
      version: card?.version,
      status: "approved",
      reason: "a fine picture",
    };
    const response = await ask("/api/moderation/decide", json);
    expect(await response.json()).toEqual({ ok: true, publicId: "community/api" });
    expect(await newestAct()).toMatchObject({
      act: "approve",
      who: "ada",
      reason: "a fine picture",
      detail: { status: "approved", outcome: "done" },
    });
    await carryOut();
    expect(await cards("pending")).toEqual([]);
    expect((await cards("decided"))[0]).toMatchObject({ publicId: "community/api", status: "approved" });
  });

  it("M7 refuses to decide about a version that was replaced meanwhile, and writes that down", async () => {
    await upload("community/replaced");
    await carryOut();
    const card = (await cards("pending")).find(({ publicId }) => publicId === "community/replaced");
    const json = { assetId: card?.assetId, version: (card?.version ?? 0) - 1, status: "rejected" };
    const response = await ask("/api/moderation/decide", json);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { reason: "replaced" } });
    expect(await newestAct()).toMatchObject({ act: "reject", detail: { outcome: "replaced" } });
    expect(cloudinary.cloud.store.state.assets.map(({ public_id }) => public_id)).toContain(
      "community/replaced",
    );
  });

  it("no longer shows what was deleted before anybody decided", async () => {
    await upload("community/gone");
    await carryOut();
    const names = async () => (await cards("pending")).map(({ publicId }) => publicId);
    expect(await names()).toContain("community/gone");
    const { v2: sdk } = await import("cloudinary");
    await sdk.uploader.destroy("community/gone");
    await carryOut();
    expect(await names()).not.toContain("community/gone");
  });

  it.skipIf(!hasBrowser)(
    "F8 is approved in the browser: the card goes, Cloudinary has the decision, and its picture was seen",
    async () => {
      if (!chromium) throw new Error("there is no browser");
      await upload("community/harbour");
      await carryOut();
      const { page } = await openPage(chromium);
      await page.goto(`${site.origin}/console/moderation#${adaToken}`);
      const button = page.getByRole("button", { name: "Approve community/harbour" });
      await button.waitFor();
      await becomes(page, "document.querySelector('.card img').naturalWidth > 0");
      await button.click();
      await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await carryOut();
      const asset = cloudinary.cloud.store.state.assets.find(
        ({ public_id }) => public_id === "community/harbour",
      );
      expect(asset?.moderation).toMatchObject([{ kind: "manual", status: "approved" }]);
      await page.getByRole("tab", { name: "Decided" }).click();
      await page.getByRole("link", { name: "community/harbour" }).waitFor();
      await page.getByRole("tab", { name: "Pending" }).click();
      await button.waitFor({ state: "detached" });
      await page.context().close();
    },
  );
});
