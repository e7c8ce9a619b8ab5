import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Fetch, serve } from "../../../src/local/server.ts";
import { standIns } from "../../../src/local/stand-ins.ts";
import { browser, hasBrowser, openPage } from "../../support/browser.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { testSecret } from "../../support/signed-request.ts";
import { consoleSite } from "../console-site.ts";
import { ask } from "../operator.ts";
import { deliverAll } from "../page/scene.ts";
import { adaToken } from "../tokens.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await database.drop();
});

const cloud = (query = "") => ({
  OPERATOR_TOKEN: `ada:${adaToken}`,
  CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo${query}`,
});

describe("F7 the Upload Widget page", () => {
  it("is for operators only, including its script", async () => {
    configured(database.url, cloud());
    for (const path of ["/api/upload-widget", "/api/upload-widget/frame", "/api/upload-widget.js"])
      expect((await ask(path, { token: null })).status).toBe(401);
  });

  it("tells a browser that is signed out how to sign in, on a page", async () => {
    configured(database.url, cloud());
    const accept = { accept: "text/html,application/xhtml+xml" };
    const page = await ask("/api/upload-widget", { token: null, headers: accept });
    expect([page.status, page.headers.get("content-type")]).toEqual([401, "text/html; charset=UTF-8"]);
    expect(await page.text()).toContain('<a href="/">Sign in to the console</a>');
    const script = await ask("/api/upload-widget", { token: null });
    expect(await script.json()).toMatchObject({ error: { reason: "signed-out" } });
    configured(database.url, { ...cloud(), OPERATOR_TOKEN: "" });
    const closed = await ask("/api/upload-widget", { token: null, headers: accept });
    expect([closed.status, await closed.text()]).toEqual([
      503,
      expect.stringContaining("The console is disabled."),
    ]);
  });

  it("frames Cloudinary's script for a real cloud, with cloud name and preset but no secret", async () => {
    configured(database.url, cloud());
    const outer = await ask("/api/upload-widget");
    expect(outer.status).toBe(200);
    expect(outer.headers.get("content-security-policy")).toContain("script-src 'self';");
    const framed = await ask("/api/upload-widget/frame");
    const html = await framed.text();
    expect(html).toContain(
      '<script src="https://upload-widget.cloudinary.com/latest/global/all.js"></script>',
    );
    expect(html).toContain('data-cloud-name="demo" data-upload-preset="track-with-webhook"');
    expect(html).not.toContain(testSecret);
    const policy = framed.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^sandbox (?!.*allow-same-origin)/);
    expect(policy).toMatch(/script-src https:\/\/upload-widget\.cloudinary\.com 'sha256-[^']+';/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe|connect-src[^;]*'self'/);
  });

  it("frames the emulator's uploader when the SDK points to it", async () => {
    configured(database.url, cloud("?upload_prefix=http%3A%2F%2F127.0.0.1%3A8889"));
    const response = await ask("/api/upload-widget/frame");
    expect(await response.text()).toMatch(
      /<script src="http:\/\/127\.0\.0\.1:8889\/widget\.js\?token=[\w-]{43}"><\/script>/,
    );
    expect(response.headers.get("content-security-policy")).toContain("connect-src http://127.0.0.1:8889;");
  });

  it("says what is missing when no cloud is configured", async () => {
    configured(database.url, {
      ...cloud(),
      CLOUDINARY_URL: "",
      CLOUDINARY_WEBHOOK_SECRETS: `main:${testSecret}`,
    });
    const response = await ask("/api/upload-widget");
    expect([response.status, await response.text()]).toEqual([
      503,
      expect.stringContaining("Set CLOUDINARY_URL"),
    ]);
  });
});

describe.skipIf(!hasBrowser)("F7 in a browser", () => {
  it("uploads to the visitors' folder, hook and moderation, and shows the record, without giving the frame's script access to the session", async () => {
    const folder = await mkdtemp(join(tmpdir(), "upload-widget-"));
    const site = await consoleSite(folder);
    const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: testSecret };
    let fetch: Fetch = async () => new Response(null, { status: 503 });
    const server = await serve({ port: 0, fetch: (request) => fetch(request) });
    const services = await standIns({
      ...account,
      dataDir: folder,
      baseUrl: server.url,
      delayMs: 5,
    });
    fetch = services.fetch;
    const chromium = await browser();
    try {
      configured(database.url, cloud(`?upload_prefix=${encodeURIComponent(server.url)}`));
      const preset = new URLSearchParams({
        name: "track-with-webhook",
        unsigned: "true",
        // As `npm run webhooks -- setup` creates it.
        asset_folder: "visitors",
        moderation: "manual",
        notification_url: `${site.origin}/webhooks/public`,
        // A visitor's claim, which nobody has approved.
        context: "sku=GUEST-1",
      });
      const made = await globalThis.fetch(`${server.url}/v1_1/demo/upload_presets`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${account.apiKey}:${account.apiSecret}`)}` },
        body: preset,
      });
      expect(made.status).toBe(200);

      const { page, complaints } = await openPage(chromium);
      await page.goto(`${site.origin}/api/health`);
      await page.evaluate(
        `fetch("/api/sign-in", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token: "${adaToken}" }) })`,
      );
      await page.goto(`${site.origin}/api/upload-widget`);
      const widget = page.frameLocator("#widget");
      await widget.getByRole("button", { name: "Upload" }).click();
      await widget.getByLabel("File to upload").setInputFiles({
        name: "hose.svg",
        mimeType: "image/svg+xml",
        buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'),
      });
      await page.getByRole("link", { name: /: received$/ }).waitFor();
      expect(await page.locator("#arrived a").getAttribute("href")).toMatch(
        /^\/console\/notifications\/[0-9a-f-]{36}$/,
      );
      const { rows } = await database.db.query<{ byPublicHook: boolean; body: Uint8Array }>(
        "select by_public_hook as \"byPublicHook\", body from notifications where type = 'upload'",
      );
      expect(rows.map(({ byPublicHook }) => byPublicHook)).toEqual([true]);
      expect(JSON.parse(Buffer.from(rows[0]?.body ?? "").toString())).toMatchObject({
        asset_folder: "visitors",
        context: { custom: { sku: "GUEST-1" } },
        moderation: [{ kind: "manual", status: "pending" }],
      });
      await deliverAll(database.db);
      expect((await database.db.query("select sku from pim_product_image")).rows).toEqual([]);
      expect(await (await ask("/api/product?sku=GUEST-1")).json()).toMatchObject({
        images: [],
        withoutPicture: [{ standing: "untrusted" }],
      });
      // The icon that Chromium asks for by itself; `npm run build` makes one.
      expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);

      const framed = page.frames().find((frame) => frame.url().endsWith("/frame"));
      expect(await framed?.evaluate("self.origin")).toBe("null");
      // Neither by asking itself, nor through the page around it.
      expect(
        await framed?.evaluate(
          'fetch("/api/session", { credentials: "include" }).then(() => "read", () => "refused")',
        ),
      ).toBe("refused");
      expect(
        await framed?.evaluate(
          '(() => { try { return parent.document.title } catch { return "refused" } })()',
        ),
      ).toBe("refused");
    } finally {
      await Promise.all([chromium.close(), site.close(), services.close(), server.close()]);
      await rm(folder, { recursive: true, force: true });
    }
  });
});
