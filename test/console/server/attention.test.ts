import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { type Site, site } from "../../support/site.ts";
import { ask } from "../operator.ts";
import { deliverAll, sender } from "../page/scene.ts";
import { operatorToken } from "../tokens.ts";

const pictures = "https://res.cloudinary.com";

let database: TestDatabase;
let here: Site;
let scene: ReturnType<typeof sender>;

beforeAll(async () => {
  [here, database] = await Promise.all([site(), realDatabase()]);
  scene = sender(here.origin, pictures);
});
afterAll(() => Promise.all([here.close(), database.drop()]));
beforeEach(async () => {
  configured(database.url, { OPERATOR_TOKEN: operatorToken });
  await database.db.query("truncate notifications, pim_asset, pim_claim, pim_rendition cascade");
});
afterEach(() => vi.unstubAllEnvs());

async function json(path: string): Promise<unknown> {
  const response = await ask(path);
  expect(response.status).toBe(200);
  return await response.json();
}

describe("products", () => {
  it("F6 K1 are listed with their pictures; assets without a product are listed separately", async () => {
    await scene.send(scene.upload("products/A-1/main"));
    await scene.send(scene.eager("products/A-1/main", "c_fill,h_300,w_400"));
    await scene.send(scene.upload("elsewhere/photo"));
    await deliverAll(database.db);
    expect(await json("/api/products")).toMatchObject({
      products: [
        {
          sku: "A-1",
          images: 2,
          cover: { role: "main", small: expect.stringContaining("/demo/image/upload/") },
        },
      ],
      next: null,
    });
    expect(await json("/api/products?search=b-2")).toMatchObject({ products: [] });
    expect(await json("/api/product?sku=A-1")).toMatchObject({
      images: [
        {
          rendition: "c_fill,h_300,w_400",
          secureUrl: `${pictures}/demo/image/upload/c_fill,h_300,w_400/v1760000123/products/A-1/main.png`,
        },
        {
          rendition: "original",
          small: `${pictures}/demo/image/upload/c_limit,h_320,w_320/v1760000123/products/A-1/main.png`,
        },
      ],
    });
    expect(await json("/api/unmapped")).toMatchObject({
      assets: [{ publicId: "elsewhere/photo", reason: "no-sku" }],
    });
    expect((await ask("/api/product?sku=B-2")).status).toBe(404);
  });

  it("may have an SKU with a slash", async () => {
    await scene.send(scene.upload("x", { metadata: { sku: "A/1 & 2" } }));
    await deliverAll(database.db);
    expect(await json(`/api/product?sku=${encodeURIComponent("A/1 & 2")}`)).toMatchObject({ sku: "A/1 & 2" });
  });
});

describe("an e-mail", () => {
  interface Mail {
    id: string;
    notificationId: string;
    state: string;
  }
  const mails = async () => (await json("/api/mails")) as { mails: Mail[]; next: string | null };

  it("is listed with its state and rendered from the record", async () => {
    const id = await scene.send(scene.eager("garden/hose", "c_fill,w_10"));
    await deliverAll(database.db);
    const [mail] = (await mails()).mails;
    expect(mail).toMatchObject({
      notificationId: id,
      type: "eager",
      publicId: "garden/hose",
      state: "skipped",
    });
    expect(await json(`/api/mails/${mail?.id}`)).toMatchObject({
      subject: expect.stringContaining("garden/hose"),
      text: expect.stringContaining("garden/hose"),
    });
    const html = await ask(`/api/mails/${mail?.id}/html`);
    expect(html.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await html.text()).toContain("garden/hose");
  });

  it("O2 runs no script whatever it contains, and loads only pictures", async () => {
    await scene.send(scene.eager("<script>alert(1)</script>", "c_fill,w_10"));
    const [mail] = (await mails()).mails;
    const html = await ask(`/api/mails/${mail?.id}/html`);
    const policy = html.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^sandbox allow-popups; default-src 'none';/);
    expect(policy).not.toContain("script-src");
    // Loading a picture from elsewhere would tell its host who reads which mail.
    expect(/img-src ([^;]*)/.exec(policy)?.[1]).toBe("data: https://*.cloudinary.com");
    expect(await html.text()).not.toContain("<script>alert");
  });

  it("is found by paging", async () => {
    for (let n = 0; n < 3; n += 1) await scene.send(scene.eager(`p${n}`, "c_fill,w_10"));
    const one = (await json("/api/mails?limit=2")) as { mails: Mail[]; next: string };
    const two = (await json(`/api/mails?limit=2&before=${one.next}`)) as { mails: Mail[]; next: null };
    expect(new Set([...one.mails, ...two.mails].map(({ id }) => id)).size).toBe(3);
    expect(two.next).toBeNull();
  });

  it("returns 404 if it does not exist", async () => {
    for (const rest of ["", "/html"])
      expect((await ask(`/api/mails/00000000-0000-4000-8000-000000000000${rest}`)).status).toBe(404);
  });
});

describe("F8 the moderation board", () => {
  it("shows pending and held decisions with a picture and the reason", async () => {
    await scene.send(scene.pending("community/ferry"));
    await scene.send({
      ...scene.named("moderation", "community/dunes", {
        moderation_kind: "manual",
        moderation_status: "approved",
        moderation_updated_at: "2026-01-01T00:00:00Z",
      }),
    });
    await deliverAll(database.db);
    expect(await json("/api/moderation?show=pending")).toMatchObject({
      cards: [
        {
          publicId: "community/ferry",
          kind: "manual",
          status: "pending",
          thumbnail: `${pictures}/demo/image/upload/c_limit,h_320,w_320/v1760000123/community/ferry.png`,
        },
      ],
    });
    expect(await json("/api/moderation?show=held")).toMatchObject({
      cards: [{ publicId: "community/dunes", heldFor: "no-account", status: "approved" }],
    });
    expect(await json("/api/moderation?show=decided")).toMatchObject({
      cards: [{ publicId: "community/dunes", status: "approved", carriedOutAt: null }],
    });
  });

  it("reports that no Cloudinary account is configured", async () => {
    configured(database.url, {
      OPERATOR_TOKEN: operatorToken,
      CLOUDINARY_URL: "",
      CLOUDINARY_WEBHOOK_SECRETS: "only:a-secret-of-enough-length",
    });
    const response = await ask("/api/moderation/decide", {
      body: { assetId: "x", version: 1, status: "approved" },
    });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { reason: "no-account" } });
  });
});
