import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  becomes,
  browser,
  builtPage,
  expectAccessibleInBothSchemes,
  follow,
  hasBrowser,
  keptPage,
  type Pages,
} from "../../support/browser.ts";
import { adaToken, bobToken, vicToken } from "../tokens.ts";
import { type ModerationScene, moderationScene } from "./moderation-scene.ts";

describe.skipIf(!hasBrowser)("the Moderation view", () => {
  let built: string;
  let scene: ModerationScene;
  let chromium: Browser;
  let pages: Pages;

  beforeAll(async () => {
    built = await builtPage();
    [scene, chromium] = await Promise.all([moderationScene(built), browser()]);
    pages = keptPage(chromium);
  }, 120_000);
  afterAll(async () => {
    await chromium.close();
    await scene.close();
    vi.unstubAllEnvs();
  });
  afterEach(() => pages.clear());

  /** The board of one folder, so that the tests do not see each other's pictures. */
  async function board(query: string, { token = adaToken } = {}) {
    const opened = await pages.open();
    await opened.page.setViewportSize({ width: 1_280, height: 900 });
    await opened.page.goto(`${scene.site.origin}/console/moderation?${query}#${token}`);
    await opened.page.getByRole("heading", { level: 1, name: "Moderation" }).waitFor();
    await becomes(opened.page, "document.querySelector('.waiting') === null");
    return opened;
  }

  const asset = (publicId: string) =>
    scene.cloudinary.cloud.store.state.assets.find(({ public_id }) => public_id === publicId);
  const statusOf = (publicId: string) => asset(publicId)?.moderation[0]?.status;
  async function switchKeys(page: Page): Promise<void> {
    await page.getByRole("button", { name: /Signed in as ada/ }).click();
    await page.getByRole("menuitemcheckbox", { name: "Single-key shortcuts" }).click();
    await page.getByRole("menu").waitFor({ state: "detached" });
  }
  const shown = (page: Page) => becomes(page, "document.querySelector('.stage img')?.naturalWidth > 0");

  /** Decides past the page, as a colleague does. */
  async function colleague(publicId: string, status: "approved" | "rejected"): Promise<void> {
    const found = asset(publicId);
    const response = await fetch(`${scene.site.origin}/api/moderation/decide`, {
      method: "POST",
      headers: { authorization: `Bearer ${bobToken}`, "content-type": "application/json" },
      body: JSON.stringify({ assetId: found?.asset_id, version: found?.version, status, reason: "not ours" }),
    });
    expect(response.status).toBe(200);
  }

  it("filters by kind, remembers the size of the tiles, and blurs what is sensitive until it is shown", async () => {
    await scene.upload("looks/by-hand");
    await scene.upload("looks/flagged");
    await scene.database.db.query(`update moderation_decision set kind = 'aws_rek' where asset_id = $1`, [
      asset("looks/flagged")?.asset_id ?? "",
    ]);
    const { page } = await board("folder=looks");
    await page.getByRole("button", { name: "View by-hand" }).waitFor();
    await page.getByRole("combobox", { name: "Kind of moderation" }).selectOption("aws_rek");
    await page.waitForURL(/kind=aws_rek/);
    await page.getByRole("button", { name: "View by-hand" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "View flagged" }).waitFor();
    await page.getByRole("combobox", { name: "Kind of moderation" }).selectOption("");
    await page.getByRole("button", { name: "View by-hand" }).waitFor();

    const width = async () => (await page.locator(".tile").first().boundingBox())?.width ?? 0;
    const medium = await width();
    await page
      .getByRole("radiogroup", { name: "Size of the pictures" })
      .getByText("S", { exact: true })
      .click();
    await expect.poll(width).toBeLessThan(medium);
    const small = await width();

    await page.getByRole("checkbox", { name: "Blur sensitive pictures" }).check();
    await page.reload();
    await page.getByRole("button", { name: "View flagged, pending, blurred" }).click();
    expect(await width()).toBe(small);
    expect(await page.locator(".stage .blurred").count()).toBe(1);
    expect(await page.locator(".tile .blurred").count()).toBe(1);
    await expectAccessibleInBothSchemes(page);
    await page.getByRole("button", { name: "Show picture" }).click();
    expect(await page.locator(".blurred").count()).toBe(0);
    await page.getByRole("button", { name: "View flagged" }).focus();
    await page.keyboard.press("b");
    expect(await page.locator(".stage .blurred").count()).toBe(1);
  });

  it("names each action by its effect, and publishes with the A key", async () => {
    await scene.upload("named/locked", { access_control: [{ access_type: "token" }] });
    await scene.upload("named/public");
    const { page } = await board("folder=named");
    await page.getByRole("button", { name: "Publish picture locked" }).waitFor();
    await page.getByRole("button", { name: "Keep hidden locked" }).waitFor();
    await page.getByText("Makes it public as named/locked.").waitFor();
    await page.getByRole("button", { name: "View public" }).click();
    await page.getByRole("button", { name: "Keep public public" }).waitFor();
    await page.getByRole("button", { name: "Reject picture public" }).waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("a");
    await page.getByText("Publishing locked.").waitFor();
    await expect.poll(() => statusOf("named/locked")).toBe("approved");
    // On to the next one; what was decided stays until Cloudinary has confirmed it.
    await page.getByRole("heading", { level: 2, name: "public" }).waitFor();
    await scene.carryOut();
    await page.getByRole("button", { name: "View locked" }).waitFor({ state: "detached" });
    await follow(page, "/console/log");
    await page.getByText("Approved and published named/locked").waitFor();
  });

  it("a held rejection offers Delete picture, shows the picture, requires a reason, and is recorded in the audit log", async () => {
    await scene.upload("held/vase");
    await colleague("held/vase", "rejected");
    await scene.carryOut();
    const { page } = await board("show=held&folder=held");
    await shown(page);
    expect(await page.getByRole("button", { name: /release|discard/i }).count()).toBe(0);
    await page.getByText("Manual moderation: rejected").waitFor();
    await page
      .getByText("Deletes it in Cloudinary, with all derived assets. This cannot be undone.")
      .waitFor();
    await page.getByRole("checkbox", { name: "Blur sensitive pictures" }).check();
    await page.getByRole("button", { name: "Delete picture… vase" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete picture: vase" });
    expect(await dialog.locator("img.blurred").count()).toBe(1);
    await dialog.getByRole("button", { name: "Show picture" }).click();
    expect(await dialog.locator("img.blurred").count()).toBe(0);
    await becomes(page, "document.querySelector('[role=dialog] img')?.naturalWidth > 0");
    const go = dialog.getByRole("button", { name: "Delete picture" });
    expect(await go.isDisabled()).toBe(true);
    await dialog.getByLabel("Reason").fill("a stolen picture");
    await go.click();
    await page.getByText("Deleting vase.").waitFor();
    await scene.carryOut();
    expect(asset("held/vase")).toBeUndefined();
    await follow(page, "/console/log");
    await page.getByText("Deleted held/vase").waitFor();
    await page.getByText("Rejected held/vase").waitFor();
    await page.getByText("a stolen picture").first().waitFor();
    expect(
      await page
        .getByText(/released/i)
        .filter({ visible: true })
        .count(),
    ).toBe(0);
  });

  it("keeps a held picture on request, and asks for the reason once", async () => {
    for (const name of ["one", "two"]) {
      await scene.upload(`kept/${name}`);
      await colleague(`kept/${name}`, "rejected");
      await scene.carryOut();
    }
    const { page } = await board("show=held&folder=kept");
    await page.getByRole("button", { name: "Keep picture… one" }).click();
    await page.getByRole("dialog").getByLabel("Reason").fill("it is fine");
    await page.getByRole("dialog").getByRole("button", { name: "Keep picture" }).click();
    await page.getByText("one is kept.").waitFor();
    await page.getByRole("button", { name: "Keep picture two" }).click();
    await page.getByText("two is kept.").waitFor();
    await page.getByText("No decisions on hold.").waitFor();
    expect([asset("kept/one"), asset("kept/two")]).not.toContain(undefined);
  });

  it("decides several at once, and summarizes a mixed selection first", async () => {
    for (const [name, more] of [
      ["a", {}],
      ["b", {}],
      ["c", { access_control: [{ access_type: "token" }] }],
      ["d", {}],
    ] as const)
      await scene.upload(`several/${name}`, more);
    const { page } = await board("folder=several");
    await page.getByRole("button", { name: "View a" }).focus();
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    const bar = page.getByRole("region", { name: "3 selected" });
    await bar.getByText("2 stay public, 1 is published").waitFor();
    await page.keyboard.press("Escape");
    await bar.waitFor({ state: "detached" });
    await page.keyboard.press("x");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("x");
    await page.getByRole("button", { name: "Keep 1 public, publish 1 picture" }).waitFor();
    await page.getByRole("button", { name: "Reject 1 picture, keep 1 hidden" }).click();
    await page.getByText("2 decided.").waitFor();
    expect(["a", "b", "c", "d"].map((name) => statusOf(`several/${name}`))).toEqual([
      "pending",
      "rejected",
      "rejected",
      "pending",
    ]);
  });

  it("takes a decision back, at once by the key Z and later among the decided ones", async () => {
    await scene.upload("back/bowl", { access_control: [{ access_type: "token" }] });
    const { page } = await board("folder=back");
    await page.getByRole("button", { name: "Publish picture bowl" }).waitFor();
    await page.keyboard.press("a");
    await page.getByText("Publishing bowl.").waitFor();
    await scene.carryOut();
    await expect.poll(() => asset("back/bowl")?.access_control?.[0]?.access_type).toBe("anonymous");
    await page.keyboard.press("z");
    await page.getByText("Decision on bowl taken back.").waitFor();
    await page.getByRole("button", { name: "View bowl, decision taken back, Not public" }).waitFor();
    expect(statusOf("back/bowl")).toBe("pending");
    expect(asset("back/bowl")?.access_control?.[0]?.access_type).toBe("token");
    // Cloudinary dates decisions to the second: the next one is a second after it was taken back.
    await page.waitForTimeout(1_100);
    await page.getByRole("button", { name: "Publish picture bowl" }).click();
    await page.getByText("Publishing bowl.").waitFor();
    await scene.carryOut();
    await page.getByRole("tab", { name: "Decided" }).click();
    await page.getByRole("button", { name: "Take back bowl" }).click();
    await page.getByText("Decision on bowl taken back.").waitFor();
    await follow(page, "/console/log");
    await page.getByText("Took back the decision on back/bowl").first().waitFor();
  });

  it("reports that another operator has already decided", async () => {
    await scene.upload("race/cup");
    const { page } = await board("folder=race");
    await page.getByRole("button", { name: "Keep public cup" }).waitFor();
    await colleague("race/cup", "rejected");
    await page.keyboard.press("a");
    await page.getByText("Another operator has already decided.").waitFor();
    expect(statusOf("race/cup")).toBe("rejected");
  });

  it("ignores single keys while typing, in dialogs, and when shortcuts are off", async () => {
    await scene.upload("keys/mug");
    const { page } = await board("folder=keys");
    await page.getByLabel("Reason (optional)").fill("");
    await page.getByLabel("Reason (optional)").pressSequentially("a rare mug");
    await page.getByRole("button", { name: "View mug" }).focus();
    await page.keyboard.press(" ");
    await page.getByRole("dialog", { name: "mug" }).waitFor();
    await page.keyboard.press("a");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await switchKeys(page);
    await page.getByRole("button", { name: "View mug" }).focus();
    await page.keyboard.press("a");
    await page.keyboard.press("r");
    await page.waitForTimeout(500);
    expect(statusOf("keys/mug")).toBe("pending");
    await switchKeys(page);
    await page.getByRole("button", { name: "View mug" }).focus();
    await page.keyboard.press("r");
    await expect.poll(() => statusOf("keys/mug")).toBe("rejected");
  });

  it("shows operators a restricted picture through a URL that is never stored, and viewers a lock", async () => {
    await scene.upload("locked/portrait", { type: "authenticated" });
    const { page, complaints } = await board("folder=locked");
    await shown(page);
    await page.locator(".locked").getByText("Not public").waitFor();
    expect(await page.content()).not.toContain("signature=");
    expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
    const { page: viewers, complaints: theirs } = await board("folder=locked", { token: vicToken });
    await viewers.getByText("Read-only. Only operators can decide.").waitFor();
    await viewers.getByText("Not public. Only operators can view it.").waitFor();
    expect(await viewers.locator(".stage img, .tile img").count()).toBe(0);
    // Acts are absent, not grey.
    expect(await viewers.getByRole("button", { name: /^(Publish|Keep|Reject|Approve|Delete)/ }).count()).toBe(
      0,
    );
    // Viewers choose how pictures look, and nothing else.
    await viewers.getByRole("checkbox", { name: /^Blur/ }).waitFor();
    expect(await viewers.getByRole("checkbox").count()).toBe(1);
    await viewers.keyboard.press("a");
    await viewers.waitForTimeout(300);
    expect(statusOf("locked/portrait")).toBe("pending");
    expect(theirs.filter((text) => !text.includes("401"))).toEqual([]);
  });

  it("is accessible for operators and viewers, wide and narrow, light and dark, with dialogs open", async () => {
    await scene.upload("looks/open");
    await scene.upload("looks/a-name-as-long-as-a-camera-gives-them-20251125-183011-HDR-edited-final", {
      type: "private",
    });
    await scene.upload("looks/held");
    await colleague("looks/held", "rejected");
    await scene.carryOut();
    for (const token of [adaToken, vicToken]) {
      const { page, complaints } = await board("folder=looks", { token });
      for (const [query, tab] of [
        ["folder=looks", "Pending"],
        ["show=held&folder=looks", "On hold"],
        ["show=decided&folder=looks", "Decided"],
      ] as const) {
        await follow(page, `/console/moderation?${query}`);
        await page.getByRole("tab", { name: tab, selected: true }).waitFor();
        await becomes(page, "document.querySelector('.waiting') === null");
        for (const width of [1_280, 390]) {
          await page.setViewportSize({ width, height: 900 });
          await expectAccessibleInBothSchemes(page);
          expect(await page.evaluate("document.documentElement.scrollWidth"), query).toBeLessThanOrEqual(
            width,
          );
          expect(await page.evaluate(whole), `${query}: pictures are shown whole`).toBe(true);
        }
        // A rejected picture is not delivered to everybody by the local Cloudinary, and a viewer has no other address.
        if (token === adaToken) expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
      }
      await pages.clear();
    }
    const { page } = await board("show=held&folder=looks");
    await page.getByRole("button", { name: "Delete picture… held" }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessibleInBothSchemes(page);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Enlarge" }).click();
    await page.getByRole("dialog", { name: "held" }).waitFor();
    await expectAccessibleInBothSchemes(page);
  }, 180_000);

  const whole = `[...document.querySelectorAll(".stage img, .tile img")].every((image) => {
    const [outer, inner] = [image.parentElement, image].map((one) => one.getBoundingClientRect());
    const isWhole = inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1 && inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
    const ratio = (inner.width / inner.height) / (image.naturalWidth / image.naturalHeight);
    return isWhole && (image.naturalWidth === 0 || Math.abs(ratio - 1) < 0.05);
  })`;
});
