import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { realDatabase, type TestDatabase } from "../support/databases.ts";
import { configured } from "../support/environment.ts";
import { testSecret } from "../support/signed-request.ts";
import { ask } from "./operator.ts";
import { adaToken } from "./tokens.ts";

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

describe("F7 the page with the Upload Widget", () => {
  it("is for operators alone, its script too", async () => {
    configured(database.url, cloud());
    for (const path of ["/api/upload-widget", "/api/upload-widget.js"])
      expect((await ask(path, { token: null })).status).toBe(401);
  });

  it("has Cloudinary's own script for a real cloud, the cloud's name and the preset, and no secret", async () => {
    configured(database.url, cloud());
    const response = await ask("/api/upload-widget");
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain(
      '<script src="https://upload-widget.cloudinary.com/latest/global/all.js"></script>',
    );
    expect(html).toContain('data-cloud-name="demo" data-upload-preset="track-with-webhook"');
    expect(html).not.toContain(testSecret);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self' https://upload-widget.cloudinary.com;");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  });

  it("has the stand-in's uploader where the SDK is pointed at one", async () => {
    configured(database.url, cloud("?upload_prefix=http%3A%2F%2F127.0.0.1%3A8889"));
    const response = await ask("/api/upload-widget");
    expect(await response.text()).toContain('<script src="http://127.0.0.1:8889/widget.js"></script>');
    expect(response.headers.get("content-security-policy")).toContain(
      "connect-src 'self' http://127.0.0.1:8889;",
    );
  });

  it("says what is missing without a cloud", async () => {
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
