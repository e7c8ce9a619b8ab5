import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import publicHook from "../../../netlify/functions/public.ts";
import type { Serving } from "../../../src/local/server.ts";
import { browser, builtPage, expectAccessible, hasBrowser, openPage } from "../../support/browser.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { type ConsoleSite, consoleSite } from "../console-site.ts";
import { adaToken, operatorToken } from "../tokens.ts";
import { deliverAll, paintedPictures, sender } from "./scene.ts";

describe.skipIf(!hasBrowser)("the page of a notification", () => {
  let built: string;
  let database: TestDatabase;
  let site: ConsoleSite;
  let pictures: Serving;
  let chromium: Browser;
  let scene: ReturnType<typeof sender>;

  beforeAll(async () => {
    [built, database, pictures, chromium] = await Promise.all([
      builtPage(),
      realDatabase(),
      paintedPictures(),
      browser(),
    ]);
    configured(database.url, { OPERATOR_TOKEN: operatorToken });
    site = await consoleSite(built);
    scene = sender(site.origin, pictures.url);
  }, 120_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await Promise.all([chromium.close(), site.close(), pictures.close(), database.drop()]);
  });

  async function signedIn(path: string): Promise<Page> {
    const { page } = await openPage(chromium);
    await page.goto(`${site.origin}${path}#${adaToken}`);
    return page;
  }

  async function products(publicId: string): Promise<string[]> {
    const { rows } = await database.db.query<{ sku: string }>(
      "select distinct sku from pim_product_image where public_id = $1",
      [publicId],
    );
    return rows.map(({ sku }) => sku);
  }

  /** Pictures for people to look at, where `SCREENSHOTS` names a folder. */
  async function screenshot(page: Page, name: string): Promise<void> {
    const folder = process.env.SCREENSHOTS;
    if (folder === undefined) return;
    for (const [width, scheme] of [
      [1440, "light"],
      [390, "dark"],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: join(folder, `${name}-${width}.png`) });
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  }

  async function act(page: Page, button: string, go = button): Promise<void> {
    await page.getByRole("button", { name: `${button}…` }).click();
    const dialog = page.getByRole("dialog", { name: button });
    await dialog.getByRole("textbox").fill("looked at it");
    await screenshot(page, `dialog-${button.toLowerCase().replaceAll(" ", "-")}`);
    await dialog.getByRole("button", { name: go }).click();
    await dialog.waitFor({ state: "detached" });
  }

  it("shows that a visitor uploaded the asset, and lets an operator trust it", async () => {
    const body = scene.upload("visitors/mug", { context: { custom: { sku: "MUG-1" } } });
    const response = await invoke(publicHook, signedRequest(body, { origin: site.origin }));
    const { id } = (await response.json()) as { id: string };
    await deliverAll(database.db);
    expect(await products("visitors/mug")).toEqual([]);
    const inbox = await signedIn("/");
    await inbox.getByText("Uploaded by a visitor").first().waitFor();
    await screenshot(inbox, "inbox");
    const page = await signedIn(`/console/notifications/${id}`);
    await page.getByText("Uploaded by a visitor, not approved").waitFor();
    await expectAccessible(page);
    await screenshot(page, "untrusted");
    await act(page, "Add picture to product");
    await page.getByText("Uploaded by a visitor, not approved").waitFor({ state: "detached" });
    expect(await products("visitors/mug")).toEqual(["MUG-1"]);
  });

  it("lists an asset without a picture, on its product too, and offers to read the library", async () => {
    const { asset_id, public_id, resource_type, type } = scene.upload("archive/lamp");
    await scene.send({
      notification_type: "resource_tags_changed",
      resources: [{ asset_id, public_id, resource_type, type, added: ["sku:LAMP-1"], removed: [] }],
      notification_context: { triggered_at: new Date().toISOString() },
    });
    await deliverAll(database.db);
    const page = await signedIn("/console/products?show=unmapped");
    await page.getByText("known, no picture yet").waitFor();
    await page.getByRole("link", { name: "archive/lamp" }).waitFor();
    await expectAccessible(page);
    await screenshot(page, "no-picture");
    await page.getByRole("button", { name: "Read the library…" }).click();
    await page.getByRole("dialog", { name: "Read the library from Cloudinary" }).waitFor();
    await screenshot(page, "dialog-backfill");
    await page.goto(`${site.origin}/console/product?sku=LAMP-1`);
    await page.getByText("This product has no pictures.").waitFor();
    await page.getByRole("link", { name: "archive/lamp" }).waitFor();
    await expectAccessible(page);
    await screenshot(page, "product-without-picture");
  });

  it("of a delete lets an operator restore what it removed", async () => {
    await scene.send(scene.upload("products/VASE-1/main"));
    await deliverAll(database.db);
    const { asset_id, public_id, version, resource_type, type } = scene.upload("products/VASE-1/main");
    const resources = [{ asset_id, public_id, version, resource_type, type }];
    const context = { triggered_at: new Date().toISOString() };
    const id = await scene.send({ notification_type: "delete", resources, notification_context: context });
    await deliverAll(database.db);
    expect(await products("products/VASE-1/main")).toEqual([]);
    const page = await signedIn(`/console/notifications/${id}`);
    await page.getByText("Removed 1 picture from products (1 asset)").waitFor();
    await screenshot(page, "removed");
    await act(page, "Restore removed pictures");
    await page.getByText("Removed pictures restored by an operator:").waitFor();
    expect(await products("products/VASE-1/main")).toEqual(["VASE-1"]);
    await expectAccessible(page);
  });
});
