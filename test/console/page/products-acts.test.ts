import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import publicHook from "../../../netlify/functions/public.ts";
import type { Serving } from "../../../src/local/server.ts";
import {
  becomes,
  browser,
  builtPage,
  expectAccessible,
  follow,
  hasBrowser,
  keptPage,
  type Pages,
} from "../../support/browser.ts";
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
  let pages: Pages;
  let scene: ReturnType<typeof sender>;

  beforeAll(async () => {
    [built, database, pictures, chromium] = await Promise.all([
      builtPage(),
      realDatabase(),
      paintedPictures(),
      browser(),
    ]);
    pages = keptPage(chromium);
    configured(database.url, { OPERATOR_TOKEN: operatorToken });
    site = await consoleSite(built);
    scene = sender(site.origin, pictures.url);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([chromium.close(), site.close(), pictures.close()]);
    await database.drop();
    vi.unstubAllEnvs();
  });

  afterEach(() => pages.clear());

  async function signedIn(path: string): Promise<Page> {
    const { page } = await pages.open();
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
    const page = await signedIn("/");
    await page.getByText("Uploaded by a visitor").first().waitFor();
    await screenshot(page, "inbox");
    await follow(page, `/console/notifications/${id}`);
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
    await page.getByRole("listitem").getByText("known, no picture yet").waitFor();
    await page.getByRole("link", { name: "archive/lamp" }).waitFor();
    await expectAccessible(page);
    await screenshot(page, "no-picture");
    await page.getByRole("button", { name: "Read the library…" }).click();
    await page.getByRole("dialog", { name: "Read the library from Cloudinary" }).waitFor();
    await screenshot(page, "dialog-backfill");
    await page.keyboard.press("Escape");
    await follow(page, "/console/product?sku=LAMP-1");
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

  describe("with people in it", () => {
    const person = async (name: string, userId: string | null = crypto.randomUUID()) => {
      const { rows } = await database.db.query<{ id: string }>(
        "insert into face_people (name, user_id) values ($1, $2::uuid) returning id",
        [name, userId],
      );
      return rows[0]?.id ?? "";
    };
    const training = (publicId: string, personId: string | null, problem: string | null = null) =>
      database.db.query(
        `insert into face_trainings (asset_id, public_id, resource_type, delivery_type, version, secure_url, person_id, state, problem)
         values ($1, $1, 'image', 'upload', 1, $2, $3::uuid, $4, $5)`,
        [publicId, scene.url(publicId), personId, problem === null ? "indexed" : "rejected", problem],
      );
    const face = (
      left: number,
      outcome: string,
      who: string | null = null,
      similarity: number | null = null,
    ) => ({
      box: { left, top: 0.25, width: 0.2, height: 0.5 },
      outcome,
      person: who,
      similarity,
      sharpness: 80,
    });
    async function lookedAt(publicId: string, faces: object[]): Promise<string> {
      const body = scene.upload(publicId);
      const id = await scene.send(body);
      await database.db.query(
        "update deliveries set handler = 'faces:rekognition', state = 'done' where notification_id = $1::uuid and handler = 'pim'",
        [id],
      );
      await database.db.query(
        `insert into face_pictures (asset_id, public_id, resource_type, delivery_type, version, secure_url, state, faces)
         values ($1, $2, 'image', 'upload', 1, $3, 'done', $4::jsonb)`,
        [body.asset_id, publicId, scene.url(publicId), JSON.stringify(faces)],
      );
      return id;
    }
    let recordId: string;
    beforeAll(async () => {
      const [ada, hanako] = [await person("Ada Okafor"), await person("山田 花子")];
      await person("Jörg O'Müller", null);
      await training("training/ada-1", ada);
      await training("training/ada-2", ada, "does-not-match");
      await training("training/hanako", hanako);
      await training("training/group", null, "several-faces");
      recordId = await lookedAt("assets/meeting", [
        face(0.1, "recognised", ada, 99.12),
        face(0.4, "recognised", hanako, 93.4),
        face(0.7, "unknown"),
      ]);
      await lookedAt("assets/crowd", [face(0.1, "too-small"), face(0.5, "restricted")]);
      await database.db.query(
        `insert into face_tags (asset_id, person_id, tag, added_at)
         select 'asset-' || n, $1::uuid, 'Ada Okafor', now() from generate_series(1, 120) n`,
        [ada],
      );
    });

    it("shows a box around each face, the name with its similarity, and what could not be told", async () => {
      const page = await signedIn(`/console/notifications/${recordId}`);
      const faces = page.getByRole("list", { name: "People in this picture" });
      await faces.waitFor();
      expect((await faces.getByRole("listitem").allInnerTexts()).map((text) => text.split(/\n+/))).toEqual([
        ["1", "Ada Okafor 99.1 % similar"],
        ["2", "山田 花子 93.4 % similar"],
        ["3", "not similar to anybody"],
      ]);
      await becomes(page, "document.querySelector('.faces-picture img')?.naturalWidth > 0");
      const boxes = await page.evaluate(`(() => {
        const picture = document.querySelector(".faces-picture img").getBoundingClientRect();
        return [...document.querySelectorAll(".faces-box")].map((box) => {
          const { left, top, width, height } = box.getBoundingClientRect();
          return [(left - picture.left) / picture.width, (top - picture.top) / picture.height, width / picture.width, height / picture.height]
            .map((ratio) => Math.round(ratio * 100));
        });
      })()`);
      expect(boxes).toEqual([
        [10, 25, 20, 50],
        [40, 25, 20, 50],
        [70, 25, 20, 50],
      ]);
      await expectAccessible(page);
      await screenshot(page, "faces-record");
    });

    it("has a page of people with their training pictures, and lets an operator forget one", async () => {
      const page = await signedIn("/console/people");
      const ada = page.getByRole("list", { name: "Training pictures of Ada Okafor" });
      await ada.waitFor();
      await page.getByText("100+ tagged pictures").waitFor();
      expect(await ada.getByRole("link").allInnerTexts()).toEqual(["training/ada-1", "training/ada-2"]);
      await becomes(page, "document.querySelector('.faces-trainings img')?.naturalWidth > 0");
      await ada.getByText("Not similar to the person's other pictures").waitFor();
      await page.getByText("No training picture: no longer recognised").waitFor();
      await page.getByText("Several faces: a training picture shows one person").waitFor();
      const unclear = page.getByRole("region", { name: "Faces that were not recognised" });
      await unclear.getByRole("link", { name: "assets/crowd" }).waitFor();
      for (const words of ["too small", "cannot be cut out: restricted by access control"])
        await unclear.getByText(words).waitFor();
      await page.getByText("The handler faces is off").waitFor();
      await expectAccessible(page);
      await screenshot(page, "faces-people");

      await page.getByRole("button", { name: "Look again…" }).click();
      const rerun = page.getByRole("dialog", { name: "Look again at older pictures?" });
      await rerun.getByRole("button", { name: "Look again" }).click();
      await rerun.getByText("The handler faces is off. Turn it on first (docs/faces.md).").waitFor();
      await page.keyboard.press("Escape");
      await rerun.waitFor({ state: "detached" });

      await page.getByRole("button", { name: "Forget Ada Okafor?" }).click();
      const dialog = page.getByRole("dialog", { name: "Forget Ada Okafor?" });
      await dialog.getByRole("textbox").fill("request 4711");
      await screenshot(page, "faces-forget");
      await dialog.getByRole("button", { name: "Forget person" }).click();
      await ada.waitFor({ state: "detached" });
      await page.getByText("still to be removed").waitFor();
      await follow(page, `/console/notifications/${recordId}`);
      await page.getByText("forgotten on request").waitFor();
      expect(await page.getByText("Ada Okafor").count()).toBe(0);
    });
  });
});
