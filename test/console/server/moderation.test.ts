import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type LocalCloudinary, localCloudinary } from "../../../src/local/cloudinary/local-cloudinary.ts";
import { type Fetch, type Serving, serve } from "../../../src/local/server.ts";
import { becomes, browser, builtPage, hasBrowser, openPage } from "../../support/browser.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { carryOutDecisions, sendEverythingTo } from "../../support/moderation.ts";
import { testSecret } from "../../support/signed-request.ts";
import type { ConsoleSite } from "../console-site.ts";
import { adaToken, operatorToken, vicToken } from "../tokens.ts";

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
    OPERATOR_TOKEN: `${operatorToken} vic:viewer:${vicToken}`,
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
async function ask(path: string, body?: object, token = adaToken): Promise<Response> {
  return await fetch(new URL(path, site.origin), {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  });
}

interface Card {
  assetId: string;
  version: number;
  publicId: string;
  deliveryId: string | null;
  notificationId: string;
  status: string;
  action: string;
  carriedOutAt: string | null;
  restricted: boolean;
  picture: { by: string; reason?: string };
  approve: object | null;
  reject: object | null;
  release: object | null;
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
async function upload(publicId: string, more: object = {}): Promise<void> {
  const { v2: sdk } = await import("cloudinary");
  const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: "#3448c5" } })
    .png()
    .toBuffer();
  await sdk.uploader.upload(`data:image/png;base64,${picture.toString("base64")}`, {
    public_id: publicId,
    moderation: "manual",
    ...more,
  });
  await cloudinary.idle();
}

/** Delivers to the moderation handler, whose calls Cloudinary notifies in its turn, until nothing is left. */
async function carryOut(): Promise<void> {
  await carryOutDecisions(database.db, account, cloudinary);
}

describe("the moderation board", () => {
  let built: string;
  let chromium: Browser | undefined;

  beforeAll(async () => {
    built = await builtPage();
    const { consoleSite } = await import("../console-site.ts");
    site = await consoleSite(built);
    sendEverythingTo(`${site.origin}/webhooks`, cloudinary);
    if (hasBrowser) chromium = await browser();
  }, 120_000);
  afterAll(async () => {
    await chromium?.close();
    await site.close();
  });

  it("sends the decision to Cloudinary, and shows it as decided once Cloudinary's notification arrives", async () => {
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

  it("M7 rejects a decision on a version that was replaced in the meantime, and records that", async () => {
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

  it("no longer shows an asset that was deleted before the decision", async () => {
    await upload("community/gone");
    await carryOut();
    const names = async () => (await cards("pending")).map(({ publicId }) => publicId);
    expect(await names()).toContain("community/gone");
    const { v2: sdk } = await import("cloudinary");
    await sdk.uploader.destroy("community/gone");
    await carryOut();
    expect(await names()).not.toContain("community/gone");
  });

  it("returns for each card the effects of approval and rejection, and who can see it now", async () => {
    await upload("plans/open");
    await upload("plans/token", { access_control: [{ access_type: "token" }] });
    await upload("plans/private", { type: "private" });
    await carryOut();
    const found = new Map((await cards("pending&folder=plans")).map((card) => [card.publicId, card]));
    expect(found.get("plans/open")).toMatchObject({
      restricted: false,
      picture: { by: "url" },
      approve: { does: "nothing" },
      reject: { does: "hold" },
    });
    expect(found.get("plans/token")).toMatchObject({
      restricted: true,
      picture: { by: "signed" },
      approve: { does: "publish", as: "plans/token" },
      reject: { does: "hold" },
    });
    // By the default rules access control is lifted, and a delivery type is left to a person.
    expect(found.get("plans/private")).toMatchObject({
      restricted: true,
      picture: { by: "signed" },
      approve: { does: "hold" },
    });
  });

  it("a held rejection says that its release deletes the picture, and is not pending", async () => {
    await upload("held/vase");
    await carryOut();
    const [card] = await cards("pending&folder=held");
    await ask("/api/moderation/decide", {
      assetId: card?.assetId,
      version: card?.version,
      status: "rejected",
    });
    await carryOut();
    // Dated by a fraction of the second in which it was rejected.
    await database.db.query(
      `insert into moderation_decision (asset_id, version, kind, status, decided_at, action)
       select asset_id, version, kind, 'pending', decided_at + interval '0.9 s', 'none' from moderation_decision
       where asset_id = $1 and status = 'rejected'`,
      [card?.assetId ?? null],
    );
    const [held] = await cards("held&folder=held");
    expect(held).toMatchObject({
      publicId: "held/vase",
      status: "rejected",
      approve: null,
      release: { does: "delete", afterMs: 0 },
    });
  });

  it("finds cards by folder in both folder modes, oldest first on request", async () => {
    for (const [publicId, more] of [
      ["shelf/a", {}],
      ["shelf/inner/b", {}],
      ["elsewhere/c", { asset_folder: "shelf" }],
      ["shelfless/d", {}],
    ] as const) {
      await upload(publicId, more);
      await carryOut();
    }
    const names = (await cards("pending&folder=shelf&order=oldest")).map(({ publicId }) => publicId);
    expect(names).toEqual(["shelf/a", "shelf/inner/b", "elsewhere/c"]);
    const newest = (await cards("pending&folder=shelf&order=newest")).map(({ publicId }) => publicId);
    expect(newest).toEqual(names.toReversed());
  });

  it("redirects operators to a restricted picture through a URL that expires within a minute and is never stored", async () => {
    await upload("locked/portrait", { type: "authenticated" });
    await carryOut();
    const [card] = await cards("pending&folder=locked");
    const path = `/api/moderation/picture?assetId=${card?.assetId}&version=${card?.version}`;
    const led = await fetch(new URL(path, site.origin), {
      headers: { authorization: `Bearer ${adaToken}` },
      redirect: "manual",
    });
    expect(led.status).toBe(302);
    expect(led.headers.get("cache-control")).toBe("no-store");
    const address = new URL(led.headers.get("location") ?? "");
    expect(address.pathname).toBe("/v1_1/demo/image/download");
    const left = Number(address.searchParams.get("expires_at")) - Date.now() / 1_000;
    expect(left).toBeGreaterThan(30);
    expect(left).toBeLessThanOrEqual(60);
    const picture = await fetch(address);
    expect(picture.headers.get("content-type")).toBe("image/png");
    // What it vouches for is this picture, until then.
    address.searchParams.set("public_id", "locked/other");
    expect((await fetch(address)).status).toBe(401);
    expect((await fetch(new URL(path, site.origin))).status).toBe(401);
    // A viewer sees the lock.
    expect((await ask(path, undefined, vicToken)).status).toBe(403);
    const seen = await ask("/api/moderation?show=pending&folder=locked", undefined, vicToken);
    expect(await seen.json()).toMatchObject({
      cards: [{ thumbnail: null, picture: { by: "none", reason: "restricted" } }],
    });
    const signature = address.searchParams.get("signature") ?? "";
    const { rows } = await database.db.query<{ kept: boolean }>(
      "select exists (select from operator_acts where detail::text like '%' || $1 || '%') as kept",
      [signature],
    );
    expect(rows).toEqual([{ kept: false }]);
    expect(JSON.stringify(await cards("pending"))).not.toContain("signature=");
  });

  it("requires a reason to override, and none to decide", async () => {
    await upload("reasons/vase");
    await carryOut();
    const [card] = await cards("pending&folder=reasons");
    const wanted = { assetId: card?.assetId, version: card?.version };
    expect((await ask("/api/moderation/decide", { ...wanted, status: "rejected" })).status).toBe(200);
    await carryOut();
    const override = { ...wanted, status: "approved", seen: "rejected" };
    const refused = await ask("/api/moderation/decide", override);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { reason: "reason-required" } });
    // Somebody who still sees it waiting overrides nothing.
    const late = await ask("/api/moderation/decide", { ...wanted, status: "approved" });
    expect(await late.json()).toMatchObject({ error: { reason: "not-pending" } });
    expect((await ask("/api/moderation/decide", { ...override, reason: "it is a vase" })).status).toBe(200);
    const asset = cloudinary.cloud.store.state.assets.find(({ public_id }) => public_id === "reasons/vase");
    expect(asset?.moderation).toMatchObject([{ status: "approved" }]);
  });

  it("withdraws an approval: the published asset is restricted and pending again, and can be approved again", async () => {
    await upload("back/vase", { access_control: [{ access_type: "token" }] });
    await carryOut();
    const [card] = await cards("pending&folder=back");
    const wanted = { assetId: card?.assetId, version: card?.version };
    const asset = cloudinary.cloud.store.state.assets.find(({ public_id }) => public_id === "back/vase");
    await ask("/api/moderation/decide", { ...wanted, status: "approved" });
    await carryOut();
    expect(asset?.access_control).toEqual([{ access_type: "anonymous" }]);
    expect(await cards("decided&folder=back")).toMatchObject([{ canTakeBack: true }]);

    const taken = await ask("/api/moderation/take-back", wanted);
    expect(await taken.json()).toEqual({ ok: true, publicId: "back/vase" });
    expect(await newestAct()).toMatchObject({ act: "take-back", who: "ada", detail: { outcome: "done" } });
    expect(asset?.access_control).toEqual([{ access_type: "token" }]);
    expect(asset?.moderation).toMatchObject([{ kind: "manual", status: "pending" }]);
    await carryOut();
    expect(await cards("decided&folder=back")).toEqual([]);
    expect(await cards("pending&folder=back")).toMatchObject([
      { status: "pending", takenBack: true, approve: { does: "publish", as: "back/vase" } },
    ]);
    const nothing = await ask("/api/moderation/take-back", wanted);
    expect(await nothing.json()).toMatchObject({ error: { reason: "nothing-to-take-back" } });

    await new Promise((resolve) => setTimeout(resolve, 1_100)); // Cloudinary dates decisions to the second.
    await ask("/api/moderation/decide", { ...wanted, status: "approved" });
    await carryOut();
    expect(asset?.access_control).toEqual([{ access_type: "anonymous" }]);
    expect(await cards("pending&folder=back")).toEqual([]);
  });

  it("a held rejection is withdrawn with its held delivery; if Cloudinary fails, it is kept", async () => {
    await upload("back2/vase");
    await carryOut();
    const [card] = await cards("pending&folder=back2");
    const wanted = { assetId: card?.assetId, version: card?.version };
    await ask("/api/moderation/decide", { ...wanted, status: "rejected" });
    await carryOut();
    expect(await cards("held&folder=back2")).toHaveLength(1);
    cloudinary.faults.add({ kind: "status", status: 503, match: "explicit" });
    const failed = await ask("/api/moderation/take-back", wanted);
    expect(await failed.json()).toMatchObject({ error: { reason: "cloudinary-failed" } });
    expect(await cards("held&folder=back2")).toMatchObject([{ status: "rejected" }]);
    expect((await ask("/api/moderation/take-back", wanted)).status).toBe(200);
    expect(await cards("held&folder=back2")).toEqual([]);
  });

  it("a release announces its deletion first, and a release of many deletes nothing", async () => {
    await upload("names/vase");
    await carryOut();
    const [card] = await cards("pending&folder=names");
    await ask("/api/moderation/decide", {
      assetId: card?.assetId,
      version: card?.version,
      status: "rejected",
    });
    await carryOut();
    const [held] = await cards("held&folder=names");
    const named = await ask(`/api/deliveries/${held?.deliveryId}/release`);
    const deletions = [
      {
        id: held?.deliveryId,
        publicId: "names/vase",
        assetId: card?.assetId,
        version: card?.version,
        picture: expect.objectContaining({ by: "url" }),
      },
    ];
    expect(await named.json()).toEqual({ release: { does: "delete", afterMs: 0 }, deletions });
    const listed = await ask("/api/stuck?state=held&handler=moderation");
    expect(await listed.json()).toMatchObject({
      deliveries: expect.arrayContaining([
        expect.objectContaining({ id: held?.deliveryId, release: { does: "delete", afterMs: 0 } }),
      ]),
    });
    const isThere = () =>
      cloudinary.cloud.store.state.assets.some(({ public_id }) => public_id === "names/vase");

    const many = await ask("/api/stuck/replay", {
      state: "held",
      handler: "moderation",
      reason: "all of them",
    });
    expect(await many.json()).toMatchObject({ withheld: expect.any(Number) });
    await ask(`/api/notifications/${held?.notificationId}/replay`, { reason: "once more" });
    await carryOut();
    expect(isThere()).toBe(true);

    const deliveryId = held?.deliveryId ?? "";
    // Also as a dead letter, of which the ledger may know nothing, and with the handler named.
    for (const forgotten of [false, true]) {
      await database.db.query(
        "update deliveries set state = 'dead', last_error = 'Cloudinary was away' where id = $1",
        [deliveryId],
      );
      if (forgotten)
        await database.db.query("delete from moderation_decision where asset_id = $1", [card?.assetId ?? ""]);
      else
        await database.db.query(
          "insert into operator_acts (who, act, delivery_id) values ('ada', 'release', $1)",
          [deliveryId],
        );
      const dead = { state: "dead", handler: "moderation", reason: "all of them" };
      expect(await (await ask("/api/stuck/replay", dead)).json()).toMatchObject({ withheld: 1 });
      const which = await ask("/api/stuck/deletions?state=dead&handler=moderation");
      expect(await which.json()).toEqual({ deletes: 1, deletions });
      expect(await (await ask("/api/stuck?state=dead&handler=moderation")).json()).toMatchObject({
        deliveries: [{ id: deliveryId, release: { does: "delete", afterMs: 0 } }],
      });
      const shown = await ask(`/api/deliveries/${deliveryId}/release`);
      expect(await shown.json()).toEqual({ release: { does: "delete", afterMs: 0 }, deletions });
      for (const deletes of [{}, { deletes: 0 }, { deletes: 2 }]) {
        const alone = await ask(`/api/deliveries/${deliveryId}/replay`, {
          reason: "try it again",
          ...deletes,
        });
        expect([alone.status, await alone.json()]).toMatchObject([
          409,
          { error: { reason: "deletions-differ" } },
        ]);
      }
      for (const deletes of [0, 2]) {
        const refused = await ask("/api/stuck/replay", { ...dead, deletes });
        expect([refused.status, await refused.json()]).toMatchObject([
          409,
          { error: { reason: "deletions-differ" } },
        ]);
      }
      const one = await ask(`/api/notifications/${held?.notificationId}/replay`, {
        reason: "once more",
        handler: "moderation",
      });
      expect(await one.json()).toMatchObject({ replayed: 0, withheld: 1 });
      await carryOut();
      expect(isThere()).toBe(true);
    }
    const meant = { state: "dead", handler: "moderation", reason: "they must go", deletes: 1 };
    expect(await (await ask("/api/stuck/replay", meant)).json()).toEqual({ replayed: 1, left: 0 });
    await database.db.query(
      "update deliveries set state = 'held', last_error = 'awaits-person' where id = $1",
      [deliveryId],
    );
    const go = { reason: "it must go" };
    expect((await ask(`/api/deliveries/${deliveryId}/replay`, go)).status).toBe(409);
    expect((await ask(`/api/deliveries/${deliveryId}/replay`, { ...go, deletes: 1 })).status).toBe(200);
    await carryOut();
    expect(isThere()).toBe(false);
  });

  it("shows an asset once, however often it was notified as pending", async () => {
    await upload("twice/vase");
    await carryOut();
    const [card] = await cards("pending&folder=twice");
    await database.db.query(
      `insert into moderation_decision (asset_id, version, kind, status, decided_at, action)
       select asset_id, version, kind, 'pending', decided_at + interval '7 s', 'none' from moderation_decision where asset_id = $1`,
      [card?.assetId ?? null],
    );
    expect(await cards("pending&folder=twice")).toHaveLength(1);
  });

  it.skipIf(!hasBrowser)(
    "F8 is approved in the browser: the card disappears, Cloudinary has the decision, and the picture was shown",
    async () => {
      if (!chromium) throw new Error("there is no browser");
      await upload("community/harbour");
      await carryOut();
      const { page } = await openPage(chromium);
      await page.goto(`${site.origin}/console/moderation?folder=community#${adaToken}`);
      const button = page.getByRole("button", { name: "Keep public harbour" });
      await page.getByRole("button", { name: "View harbour" }).click();
      await button.waitFor();
      await becomes(page, "document.querySelector('.stage img')?.naturalWidth > 0");
      await button.click();
      await page.getByText("harbour stays public.").waitFor();
      await carryOut();
      const asset = cloudinary.cloud.store.state.assets.find(
        ({ public_id }) => public_id === "community/harbour",
      );
      expect(asset?.moderation).toMatchObject([{ kind: "manual", status: "approved" }]);
      await page.getByRole("tab", { name: "Decided" }).click();
      await page.getByRole("button", { name: "View harbour, approved" }).waitFor();
      await page.getByRole("tab", { name: "Pending" }).click();
      await button.waitFor({ state: "detached" });
      await page.context().close();
    },
  );

  it.skipIf(!hasBrowser)(
    "failed deletions are shown in the browser, and deleted only if included",
    async () => {
      if (!chromium) throw new Error("there is no browser");
      for (const name of ["failed/one", "failed/two"]) {
        await upload(name);
        await carryOut();
        const [card] = await cards(`pending&folder=failed`);
        const wanted = { assetId: card?.assetId, version: card?.version, status: "rejected" };
        await ask("/api/moderation/decide", wanted);
        await carryOut();
      }
      await database.db.query(
        `with died as (
           update deliveries d set state = 'dead', last_error = 'Cloudinary was away' from notifications n
           where n.id = d.notification_id and d.state = 'held' and n.public_id like 'failed/%' returning d.id
         ) insert into operator_acts (who, act, delivery_id) select 'ada', 'release', id from died`,
      );
      const left = () =>
        cloudinary.cloud.store.state.assets
          .map(({ public_id }) => public_id)
          .filter((name) => name.startsWith("failed/"));
      const { page } = await openPage(chromium);
      await page.goto(`${site.origin}/console/dead-letters#${adaToken}`);
      const dialog = page.getByRole("dialog");

      await page.getByRole("button", { name: /^Delete 2 pictures…: Cloudinary was away/ }).click();
      await dialog.getByText("2 of them delete a picture").waitFor();
      await dialog.getByText("failed/one").waitFor();
      await becomes(page, "document.querySelectorAll('.deletions img').length === 2");
      await becomes(
        page,
        "[...document.querySelectorAll('.deletions img')].every((img) => img.naturalWidth > 0)",
      );
      await dialog.getByRole("textbox", { name: "Reason" }).fill("try them again");
      await dialog.getByRole("button", { name: "Delete 2 pictures" }).click();
      await dialog.getByText("2 deliveries that would delete a picture were left out.").waitFor();
      await dialog.getByRole("button", { name: "Close" }).last().click();

      await page.getByRole("button", { name: "More for one" }).click();
      await page.getByRole("menuitem", { name: "Delete picture…" }).click();
      await dialog.getByText("Deletes this picture").waitFor();
      await dialog.getByRole("textbox", { name: "Reason" }).fill("it must go");
      await dialog.getByRole("button", { name: "Delete picture" }).click();
      await dialog.getByText("1 done.").waitFor();
      await dialog.getByRole("button", { name: "Close" }).last().click();
      await database.db.query(
        `update deliveries d set state = 'held' from notifications n
       where n.id = d.notification_id and d.state = 'due' and n.public_id = 'failed/one'`,
      );

      await page.getByRole("button", { name: /^Delete picture…: Cloudinary was away/ }).click();
      await dialog.getByText("Deletes this picture").waitFor();
      await dialog.getByRole("textbox", { name: "Reason" }).fill("it must go");
      await dialog.getByRole("button", { name: "Delete picture" }).click();
      await dialog.getByText("1 done.").waitFor();
      expect(left()).toEqual(["failed/one", "failed/two"]);
      await carryOut();
      expect(left()).toEqual(["failed/one"]);
      await page.context().close();
    },
  );
});
