import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Serving } from "../../../src/local/server.ts";
import {
  becomes,
  browser,
  builtPage,
  expectAccessibleInBothSchemes,
  follow,
  hasBrowser,
  keptPage,
  type OpenPage,
  type Pages,
} from "../../support/browser.ts";
import { empty, realDatabase, type TestDatabase } from "../../support/databases.ts";
import { deliveriesOf } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { testSecret } from "../../support/signed-request.ts";
import { type ConsoleSite, consoleSite } from "../console-site.ts";
import { adaToken, operatorToken, vicToken } from "../tokens.ts";
import { busyAfternoon } from "./realistic.ts";
import { addToSearch, deliverAll, hold, kill, paintedPictures, sender } from "./scene.ts";

let built: string;

beforeAll(async () => {
  built = await builtPage();
}, 120_000);

describe("what a browser loads, compressed", () => {
  const assets = () => join(built, "assets");
  const sizeOf = async (names: readonly string[]) => {
    const sizes = names.map(async (name) => gzipSync(await readFile(join(assets(), name))).length);
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / 1_024;
  };

  it("is at most 250 KB of script for all views", async () => {
    const scripts = (await readdir(assets())).filter((name) => name.endsWith(".js"));
    expect(scripts.length).toBeGreaterThan(10);
    expect(await sizeOf(scripts)).toBeLessThanOrEqual(250);
  });

  it("is at most 215 KB of script and 32 KB of style for the first view", async () => {
    const html = readFileSync(join(built, "index.html"), "utf8");
    const named = [...html.matchAll(/"\/assets\/([^"]+)"/g)].map(([, name = ""]) => name);
    const inbox = (await readdir(assets())).filter((name) => name.startsWith("inbox-"));
    expect(inbox).toHaveLength(1);
    const scripts = new Set([...named.filter((name) => name.endsWith(".js")), ...inbox]);
    expect(await sizeOf([...scripts])).toBeLessThanOrEqual(215);
    expect(await sizeOf(named.filter((name) => name.endsWith(".css")))).toBeLessThanOrEqual(32);
  });
});

it("each component of Mantine that the page uses has its styles", async () => {
  const folder = fileURLToPath(new URL("../../../src/console/page/", import.meta.url));
  const styles = readFileSync(join(folder, "style/mantine.css"), "utf8");
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".tsx"));
  const sources = files.map((name) => readFileSync(join(folder, name), "utf8"));
  const imports = sources.flatMap((source) => [
    ...source.matchAll(/import \{([^}]+)\} from "@mantine\/core"/g),
  ]);
  const used = new Set(imports.flatMap(([, names = ""]) => names.split(",").map((name) => name.trim())));
  const withStyles = (await readdir(join(folder, "../../../node_modules/@mantine/core/styles"))).map((name) =>
    name.replace(".css", ""),
  );
  const needed = [...used].filter((name) => withStyles.includes(name));
  expect(needed.length).toBeGreaterThan(20);
  expect(needed.filter((name) => !styles.includes(`/${name}.css"`))).toEqual([]);
});

it("the document has no inline script or style, which its policy would block", () => {
  const html = readFileSync(join(built, "index.html"), "utf8");
  expect(html).toMatch(/<script type="module" crossorigin src="\/assets\/[^"]+\.js"><\/script>/);
  expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)/);
});

describe.skipIf(!hasBrowser)("in a browser", () => {
  let database: TestDatabase;
  let site: ConsoleSite;
  let pictures: Serving;
  let chromium: Browser;
  let scene: ReturnType<typeof sender>;
  let pages: Pages;

  beforeAll(async () => {
    [database, pictures, chromium] = await Promise.all([realDatabase(), paintedPictures(), browser()]);
    pages = keptPage(chromium);
    site = await consoleSite(built);
    scene = sender(site.origin, pictures.url);
  });
  afterAll(async () => {
    await Promise.all([chromium.close(), site.close(), pictures.close()]);
    await database.drop();
  });
  beforeEach(async () => {
    configured(database.url, { OPERATOR_TOKEN: operatorToken });
    await empty(
      database.db,
      "notifications",
      "operator_acts",
      "refusals",
      "moderation_decision",
      "pim_asset",
      "pim_claim",
      "pim_rendition",
    );
  });
  afterEach(async () => {
    await pages.clear();
    await site.idle();
    vi.unstubAllEnvs();
  });

  /** Signed in as Ada by the link that `npm start` prints. */
  async function signedIn(path = "/", given?: OpenPage) {
    const opened = given ?? (await pages.open());
    await opened.page.goto(`${site.origin}${path}#${adaToken}`);
    await opened.page.getByRole("heading", { level: 1 }).waitFor();
    return opened;
  }

  it("O1 requires a token, reports an invalid one, and signs Ada in and out", async () => {
    const { page } = await pages.open();
    await page.goto(site.origin);
    await page.getByLabel("Operator token").fill("x".repeat(40));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This operator token is not valid.").waitFor();
    await page.getByLabel("Operator token").fill(adaToken);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.getByRole("button", { name: /Signed in as ada/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByLabel("Operator token").waitFor();
    await page.reload();
    await page.getByLabel("Operator token").waitFor();
  });

  it("O1 removes the token of the link from the address at once, and never sends it in a URL", async () => {
    site.requests.length = 0;
    const { page } = await signedIn();
    expect(page.url()).toBe(`${site.origin}/`);
    expect(site.requests.join("\n")).not.toContain(adaToken);
  });

  it("returns to the sign-in page when the session has ended", async () => {
    const { page } = await signedIn();
    await page.context().clearCookies();
    await page.getByLabel("Operator token").waitFor();
  });

  it("says what to set when no token is configured", async () => {
    configured(database.url);
    const { page } = await pages.open();
    await page.goto(site.origin);
    await page.getByRole("heading", { name: "Console not available" }).waitFor();
    expect(await page.getByText("OPERATOR_TOKEN").count()).toBe(1);
  });

  it("shows a viewer a picture whose public ID holds an e-mail address, and the address nowhere", async () => {
    // Beside `netlify dev` pictures may come from this machine.
    configured(database.url, {
      OPERATOR_TOKEN: `${operatorToken} vic:viewer:${vicToken}`,
      NETLIFY_DEV: "true",
    });
    const id = await scene.send(scene.upload("people/ada@example.com"));
    const { page } = await pages.open();
    await page.goto(`${site.origin}/#${vicToken}`);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    for (const [path, heading] of [
      ["/", "Inbox"],
      [`/console/notifications/${id}`, /: uploaded$/],
    ] as const) {
      await follow(page, path);
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
      await becomes(page, "document.querySelector('.picture img')?.naturalWidth > 0");
      expect(await page.locator(".picture img").first().getAttribute("src")).toMatch(/^\/api\/picture\?of=/);
      await page.getByText("people/a…@example.com").first().waitFor();
      expect(await page.content()).not.toMatch(/ada@example|ada%40example/);
    }
  });

  it("shows new notifications live, and stops polling when paused or hidden", async () => {
    const opened = await pages.open({}); // A profile of its own: what is done to its clock stays.
    await opened.page.clock.install();
    const { page } = await signedIn("/", opened);
    await page.getByRole("heading", { name: "No notifications yet" }).waitFor();
    await scene.send(scene.upload("garden/hose"));
    await page.getByRole("link", { name: "hose" }).waitFor();
    // The page's clock: a minute of polling passes at once.
    site.requests.length = 0;
    await page.clock.runFor(60_000);
    await expect.poll(() => site.requests.length).toBeGreaterThan(0);
    await page.getByRole("switch", { name: "Live" }).uncheck({ force: true });
    await scene.send(scene.upload("garden/fork"));
    await page.waitForTimeout(300); // What was on its way.
    site.requests.length = 0;
    await page.clock.runFor(60_000);
    await page.waitForTimeout(300);
    expect(site.requests.filter((request) => request.startsWith("GET /api/notifications"))).toEqual([]);
    await page.getByRole("switch", { name: "Paused" }).check({ force: true });
    await page.getByRole("link", { name: "fork" }).waitFor();

    await page.evaluate(
      "Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true }); document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))",
    );
    await page.waitForTimeout(500);
    site.requests.length = 0;
    await page.clock.runFor(60_000);
    await page.waitForTimeout(300);
    expect(site.requests).toEqual([]);
  }, 180_000);

  it("keeps the search in the address, which can be shared", async () => {
    await scene.send(scene.upload("pond/carp"));
    await scene.send(scene.eager("garden/hose", "c_fill,w_10"));
    await addToSearch(database.db);
    const { page } = await signedIn();
    const search = page.getByRole("textbox", { name: "Search notifications" });
    await search.fill("pond/");
    await search.press("Enter");
    await page.waitForURL(/q=pond/);
    await page.getByRole("link", { name: "hose" }).waitFor({ state: "detached" });
    await expect.poll(() => page.locator("a.row-link").allInnerTexts()).toEqual(["carp"]);
    const address = page.url().replace(site.origin, "");
    const { page: other } = await signedIn(address);
    await other.getByRole("link", { name: "carp" }).waitFor();
    await expect.poll(() => other.locator("a.row-link").count()).toBe(1);
    await expect
      .poll(() => other.getByRole("textbox", { name: "Search notifications" }).inputValue())
      .toBe("pond/");
  });

  it("finds what people type, completes it with pictures, and filters by the histogram, all by keyboard", async () => {
    const chair = { display_name: "Garden chair", tags: ["summer"], metadata: { material: "teak" } };
    await scene.send(scene.upload("products/CHAIR-100/main", chair));
    await scene.send(
      scene.upload("products/CHAIR-100/gallery-1", { display_name: "Oak chair, side", tags: ["gallery"] }),
    );
    await scene.send(scene.upload("products/VASE-1/main", { display_name: "Stoneware vase" }));
    await scene.send(scene.upload("pond/koi", { display_name: "Carp", tags: ["sku:KOI"] }));
    await scene.send(scene.upload("guests/img_2041", { original_filename: "jug" }));
    await addToSearch(database.db);
    const { page, complaints } = await signedIn();
    const search = page.getByRole("textbox", { name: "Search notifications" });
    const found = async (query: string, names: readonly string[]) => {
      await search.blur();
      await follow(page, "/");
      await expect.poll(() => search.inputValue()).toBe("");
      await page.keyboard.press("/");
      await page.keyboard.type(query);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.searchParams.get("q") === query);
      await expect
        .poll(async () => (await page.locator("a.row-link").allInnerTexts()).sort())
        .toEqual([...names].sort());
    };
    const both = ["Garden chair", "Oak chair, side"];
    await found("CHAIR-100", both);
    await found("chair", both);
    await found("Garden chair", ["Garden chair"]);
    await found("teak", ["Garden chair"]);
    await found("vase", ["Stoneware vase"]);
    await found("VASE-1", ["Stoneware vase"]);
    await found("sku:KOI", ["Carp"]);
    await found("summer", ["Garden chair"]);
    await found("gallery", ["Oak chair, side"]);
    await found("jug.png", ["jug.png"]);
    await found("PRODUCTS/chair", both);
    await found("products/CHAIR", both);
    await found("guests/", ["jug.png"]);

    // Completion: the arrow keys choose the product, with its picture, and Enter makes a filter of it.
    await search.blur();
    await follow(page, "/");
    await expect.poll(() => search.inputValue()).toBe("");
    await page.keyboard.press("/");
    await page.keyboard.type("vas");
    const product = page.getByRole("option", { name: /Stoneware vase.*VASE-1/ });
    await product.waitFor();
    await expect.poll(() => product.locator("img").count()).toBe(1);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("q") === "sku:VASE-1");
    await page.getByRole("button", { name: "Remove sku:VASE-1" }).waitFor();
    await expect.poll(() => page.locator("a.row-link").allInnerTexts()).toEqual(["Stoneware vase"]);

    // The histogram: the newest bar, then the back button.
    const chart = page.getByRole("slider", { name: "Notifications over time" });
    await chart.focus();
    // With its weekday, if the newest bar begins before midnight.
    await expect.poll(() => chart.getAttribute("aria-valuetext")).toMatch(/^(\w{3},? )?\d\d:\d\d, 1$/);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => /^sku:VASE-1 since:/.test(url.searchParams.get("q") ?? ""));
    await page.goBack();
    await page.waitForURL((url) => url.searchParams.get("q") === "sku:VASE-1");
    // By Shift and the arrows a range; Esc undoes. By drag and by tap.
    await chart.focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    expect(Number(await page.locator(".histogram-range").getAttribute("width"))).toBe(30);
    await page.keyboard.press("Escape");
    expect(await page.locator(".histogram-range").count()).toBe(0);
    const box = await chart.boundingBox();
    const at = (share: number) => [(box?.x ?? 0) + share * (box?.width ?? 0), (box?.y ?? 0) + 20] as const;
    const isRange = (url: URL) => /^sku:VASE-1 since:\S+ until:\S+$/.test(url.searchParams.get("q") ?? "");
    await page.mouse.move(...at(0.25));
    await page.mouse.down();
    await page.mouse.move(...at(0.5), { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(isRange);
    await page
      .getByRole("button", { name: "Whole day" })
      .or(page.locator(".histogram-legend .textual"))
      .click();
    await page.waitForURL((url) => url.searchParams.get("q") === "sku:VASE-1");
    await page.mouse.click(...at(0.4));
    await page.waitForURL(isRange);
    await follow(page, "/?q=sku:VASE-1");
    await page.getByRole("button", { name: "Remove sku:VASE-1" }).waitFor();
    await expect.poll(() => search.inputValue()).toBe("");

    // A filter that does not exist.
    await search.fill("stat:dead");
    await search.press("Enter");
    await page.getByText("stat: is not a filter. Did you mean state:?").waitFor();
    await page.getByRole("button", { name: "Search for sku:VASE-1 state:dead" }).click();
    await page.waitForURL((url) => url.searchParams.get("q") === "sku:VASE-1 state:dead");
    expect(complaints).toEqual([]);
  }, 180_000);

  it("filters each list in the address, and exports what is shown", async () => {
    await scene.send(scene.eager("pond/carp", "c_fill,w_10"));
    await scene.send(scene.eager("garden/hose", "c_fill,w_10"));
    await deliverAll(database.db);
    await addToSearch(database.db);
    await database.db.query(
      "insert into operator_acts (who, act, handler, reason) values ('ada', 'pause', 'pim', 'moves'), ('grace', 'resume', 'pim', 'moved')",
    );
    const { page, complaints } = await signedIn("/console/messages");
    await page.getByRole("link", { name: "hose" }).waitFor();
    await page.getByRole("searchbox", { name: "SKU, name, file or tag" }).fill("pond");
    await page.waitForURL(/\?q=pond$/);
    await page.getByRole("link", { name: "hose" }).waitFor({ state: "detached" });
    await page.getByRole("combobox", { name: "Outcome" }).selectOption("on hold");
    await page.waitForURL(/\?q=pond&state=held$/);
    await page.getByRole("heading", { name: "Nothing found" }).waitFor();
    await page.getByText("SKU, name, file or tag: pond · Outcome: on hold").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).first().click();
    await page.getByRole("link", { name: "hose" }).waitFor();
    await expect.poll(() => page.getByRole("searchbox").inputValue()).toBe("");
    await page.goBack();
    await page.getByRole("heading", { name: "Nothing found" }).waitFor();
    await expect.poll(() => page.getByRole("searchbox").inputValue()).toBe("pond");
    await page.goto(`${site.origin}/console/messages?q=pond`);
    await page.getByRole("button", { name: "More for this list" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Export as CSV" }).click(),
    ]);
    const file = await readFile(await download.path(), "utf8");
    expect(file).toContain("pond/carp");
    expect(file).not.toContain("garden/hose");

    await follow(page, "/console/log");
    await page.getByText("Paused pim").waitFor();
    await page.getByRole("combobox", { name: "Operator" }).selectOption("grace");
    await page.waitForURL(/\?actor=grace$/);
    await page.getByText("Paused pim").waitFor({ state: "detached" });
    for (const [path, found] of [
      ["/console/log?actor=grace", "Resumed pim"],
      ["/console/refusals?reason=nothing", "Nothing found"],
      ["/console/products?search=zzz", "Nothing found"],
      ["/console/products?show=unmapped&reason=no-picture", "Nothing found"],
      ["/console/people?q=zzz", "Nothing found"],
      ["/console/attention?handler=zzz", "Nothing waits for you"],
    ] as const) {
      await follow(page, path);
      await page.getByText(found).first().waitFor();
    }
    expect(complaints).toEqual([]);
  }, 180_000);

  it("supports the keys j, k, Enter, / and r", async () => {
    for (const name of ["one", "two", "three"]) await scene.send(scene.upload(name));
    const { page } = await signedIn();
    const focused = () => page.locator(":focus").innerText();
    await page.getByRole("link", { name: "one" }).waitFor();
    await page.keyboard.press("j");
    expect(await focused()).toBe("three");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    expect(await focused()).toBe("two");
    await page.keyboard.press("r");
    await page.getByRole("dialog", { name: "Check decision, update products again" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("/");
    expect(
      await page
        .getByRole("textbox", { name: "Search notifications" })
        .evaluate((field) => field.matches(":focus")),
    ).toBe(true);
    await page.keyboard.type("j");
    expect(await page.getByRole("textbox", { name: "Search notifications" }).inputValue()).toBe("j");
    await page.getByRole("textbox", { name: "Search notifications" }).fill("");
    await page.getByRole("link", { name: "two" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/console\/notifications\//);
    await page.getByRole("heading", { name: "two: uploaded" }).waitFor();
  });

  it("F6 shows a notification with its verification, deliveries, changes and body, and the product with its picture", async () => {
    await scene.send(scene.upload("products/SKU-7/main"));
    await deliverAll(database.db);
    const eager = await scene.send(scene.eager("products/SKU-7/main", "c_fill,h_300,w_400"));
    await database.db.query(
      "update notifications set signed_at = received_at - interval '7.9 seconds' where id = $1",
      [eager],
    );
    await deliverAll(database.db);
    const { page } = await signedIn();
    await page.getByRole("link", { name: "main" }).first().click();
    await page.getByText("Signed 7 s before with the secret “CLOUDINARY_URL”, SHA-1").waitFor();
    const pim = page.locator(".event[data-handler=pim]");
    await expect
      .poll(() => pim.innerText())
      .toMatch(
        /PIM: done[\s\S]*c_fill,h_300,w_400 added to the asset version none → 1760000123 pictures 1 → 2 SKU-7/,
      );
    await page.getByText('"products/SKU-7/main"').waitFor();
    await page.getByText("Raw", { exact: true }).click();
    await page
      .getByRole("region", { name: "Raw" })
      .filter({ hasText: '"public_id":"products/SKU-7/main"' })
      .waitFor();
    await page.locator(".others").filter({ hasText: "eager (this one)" }).waitFor();
    await page.getByRole("tab", { name: "Signature" }).click();
    await page.getByText("Verified with the secret “CLOUDINARY_URL”").waitFor();
    await page.waitForURL(/tab=signature/);
    await pim.getByRole("link", { name: "SKU-7" }).click();
    await page.getByRole("heading", { name: "SKU-7" }).waitFor();
    const picture = page.getByRole("img", { name: "products/SKU-7/main" }).first();
    await picture.waitFor();
    await becomes(
      page,
      "[...document.querySelectorAll('.card img')].length === 2 && [...document.querySelectorAll('.card img')].every((img) => img.naturalWidth > 0)",
    );
    expect(
      await page.evaluate(`[...document.querySelectorAll(".picture")].every((frame) => {
        const [outer, inner] = [frame, frame.firstElementChild].map((one) => one.getBoundingClientRect());
        return inner.top >= outer.top && inner.bottom <= outer.bottom && inner.width > 0;
      })`),
      "pictures are shown whole",
    ).toBe(true);
  });

  it("shows the request of a failed attempt and its answer", async () => {
    const id = await scene.send(scene.eager("garden/hose", "c_fill,w_10"));
    await kill(database.db, ["email"], "SendGrid returned 401: the key is invalid");
    await database.db.query("update attempts set exchange = $1::jsonb", [
      JSON.stringify({
        at: new Date().toISOString(),
        method: "POST",
        host: "api.sendgrid.com",
        path: "/v3/mail/send",
        status: 401,
        headers: { "content-type": "application/json" },
        body: '{"errors":[{"message":"<b>the key</b> is invalid"}]}',
        cut: false,
        error: null,
      }),
    ]);
    const { page } = await signedIn(`/console/notifications/${id}?tab=attempts`);
    await page.getByText("Failed request: 401").click();
    await page.getByText("POST api.sendgrid.com/v3/mail/send").waitFor();
    await expect
      .poll(() => page.getByRole("region", { name: "Body of the answer" }).innerText())
      .toBe('{"errors":[{"message":"<b>the key</b> is invalid"}]}');
    await expectAccessibleInBothSchemes(page);
    await page.setViewportSize({ width: 320, height: 800 });
    await becomes(page, "document.documentElement.scrollWidth <= 320");
  });

  it("edits a body and sends it, on the local stack only, and keeps the text while the API is away", async () => {
    const id = await scene.send(scene.upload("garden/hose"));
    const { page: deployed } = await signedIn(`/console/notifications/${id}`);
    await deployed.getByRole("button", { name: "Copy as command" }).waitFor();
    expect(await deployed.getByRole("button", { name: "Edit and send…" }).count()).toBe(0);
    await pages.clear();
    configured(database.url, {
      OPERATOR_TOKEN: operatorToken,
      NETLIFY_DEV: "true",
      CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo?upload_prefix=http://127.0.0.1:9999`,
    });
    const { page } = await signedIn(`/console/notifications/${id}`);
    await page.getByRole("button", { name: "Edit and send…" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit and send to the local stack" });
    const text = dialog.getByRole("textbox", { name: "Body" });
    await expect.poll(() => text.inputValue()).toContain('  "public_id": "garden/hose"');
    await expectAccessibleInBothSchemes(page);
    await text.fill("{");
    await dialog.getByText("This is not valid JSON.").waitFor();
    await text.fill(JSON.stringify(scene.upload("garden/edited")));
    await page.route("**/api/send-edited", (route) => route.abort());
    await dialog.getByRole("button", { name: "Send" }).click();
    await dialog.getByText("The site did not respond.").waitFor();
    expect(await text.inputValue()).toContain("garden/edited");
    await page.unroute("**/api/send-edited");
    await dialog.getByRole("button", { name: "Send" }).click();
    await dialog.getByRole("link", { name: "Open the notification" }).click();
    await page.getByRole("heading", { name: "edited: uploaded" }).waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
  }, 180_000);

  it("copies a body as a command that writes every byte, whatever it contains", async () => {
    const hostile = JSON.stringify(scene.upload('it\'s; rm -rf $HOME `x` "y" \\ é'));
    const id = await scene.send(hostile);
    const { page } = await signedIn(`/console/notifications/${id}`);
    await page.getByRole("button", { name: "Copy as command" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const command = String(await page.evaluate("navigator.clipboard.readText()"));
    const [, encoded = ""] =
      /^printf %s '([A-Za-z0-9+/=]+)' \| base64 -d > (notification-[0-9a-f-]{36}\.json) && npm run webhooks -- send \2 --url http:\/\/127\.0\.0\.1:\d+$/.exec(
        command,
      ) ?? [];
    expect(Buffer.from(encoded, "base64").toString()).toBe(hostile);
  });

  it("shows how much will be erased, erases an asset with a reason, and marks it as erased", async () => {
    const first = await scene.send(scene.upload("people/jane"));
    await scene.send(scene.upload("people/jane", { version: 1_760_000_200 }));
    const { page } = await signedIn(`/console/notifications/${first}`);
    await page.getByRole("button", { name: "More for this notification" }).click();
    await page.getByRole("menuitem", { name: "Erase data…" }).click();
    const dialog = page.getByRole("dialog", { name: "Erase everything recorded about this asset?" });
    await dialog.getByText("2 notifications").waitFor();
    await dialog.getByText("This notification only").click();
    await page.getByRole("dialog").getByText("1 notification", { exact: true }).waitFor();
    await page.getByRole("dialog").getByText("The asset", { exact: true }).click();
    await dialog.getByLabel("Reason").fill("request 4711");
    await dialog.getByRole("button", { name: "Erase asset's data", exact: true }).click();
    await page.getByText("If this notification arrives again, it is counted but not stored.").waitFor();
    await expect.poll(() => page.getByRole("button", { name: /again|Replay|Erase/i }).count()).toBe(0);
    await expect.poll(() => page.getByText("people/jane").count()).toBe(0);
    await follow(page, "/");
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
    await expect.poll(() => page.getByText("Erased", { exact: true }).count()).toBe(2);
    await expect.poll(() => page.getByText("people/jane").count()).toBe(0);
  });

  it("offers viewers no action by button or key, and no exact bytes", async () => {
    configured(database.url, { OPERATOR_TOKEN: `${operatorToken} vic:viewer:${vicToken}` });
    const id = await scene.send(scene.upload("garden/rake"));
    const { page } = await pages.open();
    await page.goto(`${site.origin}/console/notifications/${id}#${vicToken}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.getByText("Viewer, read-only").waitFor();
    await page.getByRole("button", { name: "Copy", exact: false }).first().waitFor();
    await page.getByRole("button", { name: "More for this notification" }).click();
    for (const name of [/again|Replay/i, /Erase/, /Download|exact bytes/i, /command/])
      for (const role of ["button", "menuitem"] as const)
        expect(await page.getByRole(role, { name }).count()).toBe(0);
    await page.keyboard.press("Escape");
    expect(await page.getByRole("link", { name: /Download|Upload Widget/ }).count()).toBe(0);
    await page.keyboard.press("r");
    await page.waitForTimeout(300);
    expect(await page.getByRole("dialog").count()).toBe(0);
    for (const path of [
      "/console/moderation",
      "/console/attention?state=held",
      "/console/attention",
      "/console/health",
    ]) {
      await follow(page, path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await becomes(page, "document.querySelector('.waiting') === null");
      expect(
        await page
          .getByRole("button", {
            name: /again|Replay|Mark|Discard|Do not|Keep|Pause|Resume|Approve|Reject|Delete|Publish/,
          })
          .count(),
      ).toBe(0);
    }
  });

  it("P7 replays a dead letter by cause, with a reason that the audit log shows", async () => {
    const id = await scene.send(scene.upload("garden/hose"));
    await kill(database.db, ["pim"], "PIM answered 500");
    const { page } = await signedIn();
    await page
      .getByRole("link", { name: /^Needs attention.*1 needs attention$/ })
      .first()
      .click();
    await page.getByRole("heading", { name: "PIM answered 500" }).waitFor();
    await page.getByText("1 change is missing on products").waitFor();
    await page.getByRole("button", { name: "Update products again…: PIM answered 500" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByRole("button", { name: "Update products again" }).isDisabled()).toBe(true);
    await dialog.getByLabel("Reason").fill("PIM is back");
    await dialog.getByRole("button", { name: "Update products again" }).click();
    await dialog.getByText("1 done.").waitFor();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("heading", { name: "Nothing waits for you" }).waitFor();
    const [, pim] = await deliveriesOf(database.db, id);
    expect(pim).toMatchObject({ handler: "pim", state: "due" });
    await page.locator("#menu").getByRole("link", { name: "Audit log" }).click();
    await page.getByText("Updated the product of garden/hose again").waitFor();
    await page.getByText("PIM is back").waitFor();
    expect(await page.locator(".act-row").innerText()).toContain("ada");
  });

  it("P8 stops a batch between two steps, and reports its progress", async () => {
    for (let n = 0; n < 120; n += 1)
      await database.db.query(
        `with n as (insert into notifications (identity, body_sha256, type, body) values ($1, '', 'upload', '{}') returning id)
         insert into deliveries (notification_id, handler, state, last_error, settled_at) select id, 'pim', 'dead', 'down', now() from n`,
        [`n${n}`],
      );
    const { page } = await signedIn("/console/dead-letters");
    await page.waitForURL(/console\/attention\?state=dead/);
    // Holds the second step back until Stop was pressed.
    let steps = 0;
    await page.route("**/api/stuck/replay", async (route) => {
      steps += 1;
      if (steps === 2) await page.getByRole("button", { name: "Stop" }).click();
      await route.continue();
    });
    await page.getByRole("button", { name: "Apply 120 again…: down" }).click();
    await page.getByRole("dialog").getByLabel("Reason").fill("PIM is back");
    await page.getByRole("dialog").getByRole("button", { name: "Apply 120 again" }).click();
    await page.getByText("Stopped after 100.").waitFor();
    const { rows } = await database.db.query<{ n: number }>(
      "select count(*)::int as n from deliveries where state = 'dead'",
    );
    expect(rows[0]?.n).toBe(20);
  });

  it("an e-mail that may have been sent is marked as sent or sent again, which the audit log shows", async () => {
    const id = await scene.send(scene.eager("garden/hose", "c_fill,w_10"));
    await hold(database.db, ["email"], "outcome-unknown");
    const { page } = await signedIn("/console/held");
    await page.getByText("1 e-mail may not have been sent").waitFor();
    await page
      .getByRole("button", { name: "Send again…: It is unknown whether the message was sent" })
      .waitFor();
    expect(await page.getByRole("button", { name: /release|discard/i }).count()).toBe(0);
    await page
      .getByRole("button", { name: "Mark as sent…: It is unknown whether the message was sent" })
      .click();
    await page.getByText("Counts the e-mail as sent. Nothing is sent.").waitFor();
    await page.getByLabel("Reason").fill("it was sent");
    await page.getByRole("dialog").getByRole("button", { name: "Mark as sent" }).click();
    await page.getByText("1 done.").waitFor();
    expect(
      (await deliveriesOf(database.db, id)).map(({ handler, state }) => [handler, state]),
    ).toContainEqual(["email", "skipped"]);
    await follow(page, "/console/log");
    await page.getByText("Marked the e-mail about garden/hose as sent").waitFor();
  });

  it("a held decision is made in Moderation, where its picture is visible", async () => {
    const id = await scene.send(scene.upload("garden/hose"));
    await hold(database.db, ["moderation"], "awaits-person");
    const { page } = await signedIn("/console/held");
    await page.getByRole("heading", { name: "A rejected picture waits for an operator" }).waitFor();
    await page.getByRole("link", { name: "hose" }).waitFor();
    await follow(page, "/console/moderation?show=held");
    await page.getByRole("button", { name: "View hose, unknown" }).waitFor();
    await follow(page, `/console/notifications/${id}`);
    await page
      .getByRole("alert", { name: /^moderation/ })
      .getByRole("link", { name: "Decide in Moderation" })
      .waitFor();
  });

  it("a viewer sees held deliveries, but no actions", async () => {
    configured(database.url, { OPERATOR_TOKEN: `${operatorToken} vic:viewer:${vicToken}` });
    const id = await scene.send(scene.eager("garden/hose", "c_fill,w_10"));
    await hold(database.db, ["email"], "outcome-unknown");
    const { page } = await pages.open();
    await page.goto(`${site.origin}/#${vicToken}`);
    await page.getByText("Viewer, read-only").waitFor();
    for (const [path, heading] of [
      ["/console/held", "Needs attention"],
      ["/console/health", "Health"],
      [`/console/notifications/${id}`, /^hose: /],
    ] as const) {
      await follow(page, path);
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
      await becomes(page, "document.querySelector('.waiting') === null");
      expect(
        await page
          .getByRole("button", { name: /again|replay|send|sent|discard|pause|resume|decide/i })
          .count(),
        path,
      ).toBe(0);
    }
  });

  it("sends a signed sample that is verified, recorded and marked, and given to no handler", async () => {
    const { page } = await signedIn("/console/try");
    await page.getByRole("radio", { name: "Format is ready" }).check();
    await page.getByRole("button", { name: "Send signed sample" }).click();
    await page.getByText("Received and verified").waitFor();
    await page.getByText("From Cloudinary, it would have been delivered to E-mail, Chat, PIM.").waitFor();
    const { rows } = await database.db.query<{ type: string; secret: string; deliveries: number }>(
      `select type, secret_name as secret, (select count(*)::int from deliveries) as deliveries from notifications`,
    );
    expect(rows).toEqual([{ type: "eager", secret: "console sample", deliveries: 0 }]);
    await page.getByRole("link", { name: "Open this notification" }).click();
    await page.getByText("Sample", { exact: true }).first().waitFor();
    expect(await page.getByRole("button", { name: /again/ }).count()).toBe(0);
  });

  it("keeps what is shown while the API is away, says how old it is, and continues by itself", async () => {
    await scene.send(scene.upload("pond/carp"));
    const { page } = await signedIn();
    await page.getByRole("link", { name: "carp" }).waitFor();
    let isAway = true;
    await page.route("**/api/**", (route) => (isAway ? route.abort() : route.continue()));
    await page.getByText(/^As of \d\d:\d\d\. The site does not respond\./).waitFor({ timeout: 60_000 });
    expect(await page.getByRole("link", { name: "carp" }).count()).toBe(1);
    await expectAccessibleInBothSchemes(page);
    await scene.send(scene.upload("pond/koi"));
    await page.getByRole("button", { name: "Try again" }).first().hover();
    await page.mouse.down();
    // Not before: the page asks by itself too, and then the button is gone.
    isAway = false;
    await page.mouse.up();
    await page.getByRole("link", { name: "koi" }).waitFor();
    await page.getByText(/^As of/).waitFor({ state: "detached" });
  }, 180_000);

  it("limits every view to one of several product environments, which its address keeps, and names them under all", async () => {
    const secret = "a-secret-of-campaigns-0123456789";
    configured(database.url, {
      OPERATOR_TOKEN: operatorToken,
      CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@shop-prod`,
      CLOUDINARY_WEBHOOK_SECRETS: `main:${testSecret}#shop-prod campaigns:${secret}#campaigns`,
    });
    const campaigns = sender(site.origin, pictures.url, secret);
    for (const name of ["shop/lamp", "shop/vase", "shop/mug"])
      await scene.send(scene.eager(name, "c_fill,w_10"));
    await campaigns.send(campaigns.eager("spring/banner", "c_fill,w_10"));
    await kill(database.db, ["email"], "SendGrid 401: no");
    await deliverAll(database.db);
    await addToSearch(database.db);
    const { page, complaints } = await signedIn("/console/attention");
    const rows = () => page.locator("a.row-link").allInnerTexts();
    const choose = async (now: string, other: string) => {
      await page.getByRole("button", { name: `Product environment: ${now}` }).click();
      await page.getByRole("menuitemradio", { name: other }).click();
    };
    // An act over several environments lists them.
    await page.getByRole("button", { name: /^Send 4 e-mails again…/ }).click();
    await page.getByRole("dialog").getByText("3 in shop-prod, 1 in campaigns").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("listitem").filter({ hasText: "banner" }).getByText("campaigns").waitFor();
    await choose("All environments", "campaigns");
    await page.getByText("1 e-mail was not sent").waitFor();
    await expect.poll(rows).toEqual(["banner"]);
    await expect.poll(() => page.locator(".cloud-name").count()).toBe(0);
    await becomes(page, "document.title.startsWith('(1) ')");
    // Moving keeps it, also in the addresses of links.
    await page.getByRole("link", { name: "Inbox" }).first().click();
    await page.waitForURL((url) => url.pathname === "/" && url.search === "?cloud=campaigns");
    await expect.poll(rows).toEqual(["banner"]);
    expect(
      await page
        .getByRole("link", { name: /^Needs attention/ })
        .first()
        .getAttribute("href"),
    ).toBe("/console/attention?cloud=campaigns");
    // A search that names another one chooses it.
    await page.keyboard.press("/");
    await page.keyboard.type("lamp cloud:shop-prod");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.search === "?q=lamp&cloud=shop-prod");
    await expect.poll(rows).toEqual(["lamp"]);
    await choose("shop-prod", "All environments");
    await page.waitForURL((url) => url.search === "?q=lamp");
    await page.getByText("shop-prod").first().waitFor();
    expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
  });

  it("loads itself again, once, if a deploy replaced the script of a view, and offers it after that", async () => {
    const { page } = await pages.open({}); // A profile of its own: the kept one may have the script already.
    let isGone = true;
    let loads = 0;
    page.on("request", (request) => {
      if (request.resourceType() === "document") loads += 1;
    });
    await page.route(/audit-log-[^/]+\.js$/, (route) =>
      isGone ? route.fulfill({ status: 404, body: "not found" }) : route.continue(),
    );
    await page.goto(`${site.origin}/console/log#${adaToken}`);
    await becomes(page, "performance.getEntriesByType('navigation')[0]?.type === 'reload'");
    await page.getByText("This page could not be loaded").waitFor();
    expect(loads).toBe(2);
    // Not for ever; the frame and the other views are there.
    await page.getByRole("link", { name: "Messages" }).first().click();
    await page.getByRole("heading", { name: "Messages", exact: true }).waitFor();
    await page.getByRole("link", { name: "Audit log" }).first().click();
    await page.getByText("This page could not be loaded").waitFor();
    isGone = false;
    await page.getByRole("button", { name: "Reload" }).click();
    await page.getByRole("heading", { name: "Audit log" }).waitFor();
    expect(loads).toBe(3);
  });

  it("signs both tabs out and in together, and stays where it was", async () => {
    const { page } = await signedIn("/console/products");
    const second = await page.context().newPage();
    await second.goto(`${site.origin}/console/log`);
    await second.getByRole("heading", { name: "Audit log" }).waitFor();
    await page.getByRole("button", { name: /Signed in as ada/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await second.getByLabel("Operator token").fill(adaToken);
    await second.getByRole("button", { name: "Sign in" }).click();
    await second.getByRole("heading", { name: "Audit log" }).waitFor();
    await page.getByRole("heading", { name: "Products", exact: true }).waitFor();
  });

  it("shows a busy afternoon: rows in words, causes together, the tab's title and icon, and nothing wider than the screen", async () => {
    await busyAfternoon(database.db, scene);
    const { page } = await signedIn();
    await page.getByRole("link", { name: "Stoneware vase, front" }).first().waitFor();
    await becomes(page, "document.title.startsWith('(20) Inbox')");
    await expect.poll(() => page.locator("link[rel=icon]").getAttribute("href")).toBe("/icon-red.svg");
    await page.getByText("E-mail on hold").first().waitFor();
    // The completion finds products, files and tags, whatever the time of their notifications.
    await page.keyboard.press("/");
    await page.keyboard.type("chair");
    await page.getByRole("option", { name: /Oak chair.*CHAIR-100/ }).waitFor();
    await page.getByRole("option", { name: "tag:chairs" }).waitFor();
    await page.getByRole("option", { name: /oak-chair/ }).waitFor();
    await page.keyboard.press("Escape");
    await follow(page, "/?q=tag:summer");
    await expect
      .poll(async () => [...new Set(await page.locator("a.row-link").allInnerTexts())].sort())
      .toEqual(["Oak chair", "Stoneware vase, front", "Terracotta planter"]);
    await follow(page, "/console/attention");
    await page.getByRole("heading", { name: "SendGrid does not accept the API key" }).waitFor();
    await page.getByText("8 e-mails were not sent").waitFor();
    await page.getByRole("checkbox", { name: "Select Terracotta planter" }).check();
    await page.getByRole("checkbox", { name: "Select Linen cushion, 50 cm" }).check();
    await page
      .getByRole("button", { name: "Send 2 e-mails again…: SendGrid does not accept the API key" })
      .click();
    await page.getByRole("dialog").getByLabel("Reason").fill("new key");
    await page.getByRole("dialog").getByRole("button", { name: "Send 2 e-mails again" }).click();
    await page.getByText("2 done.").waitFor();
    await page.getByRole("button", { name: "Close" }).last().click();
    await page.getByText("6 e-mails were not sent").waitFor();
    for (const width of [1_280, 390, 320]) {
      await page.setViewportSize({ width, height: 800 });
      await expect
        .poll(() => page.evaluate("document.documentElement.scrollWidth"))
        .toBeLessThanOrEqual(width);
    }
    await follow(page, "/?q=sku:KOI");
    await page.getByRole("button", { name: "Remove sku:KOI" }).waitFor();
    // A name from right to left is turned by itself, and does not move what stands beside it.
    const koi = page.getByRole("listitem").filter({ hasText: "كرسي الحديقة" }).last();
    const direction = (selector: string) =>
      page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).direction`);
    await koi.waitFor();
    expect(await direction(".inbox-row bdi.name")).toBe("rtl");
    expect(await direction(".inbox-row")).toBe("ltr");
    const [name, sku] = [
      await koi.locator("bdi.name").boundingBox(),
      await koi.locator(".sku").boundingBox(),
    ];
    expect(sku?.x).toBeGreaterThan(name?.x ?? 0);
    // What a screen reader says of the row, and of the acts on a cause.
    expect(await koi.ariaSnapshot()).toMatch(/link "كرسي الحديقة".*KOI-3/s);
    await follow(page, "/console/attention");
    const cause = page.getByRole("region", { name: "SendGrid does not accept the API key" });
    await cause.getByRole("checkbox", { name: "Select Stoneware vase, front" }).waitFor();
    const said = await cause.ariaSnapshot();
    expect(said).toMatch(/heading "SendGrid does not accept the API key" \[level=2\]/);
    expect(said).toContain('checkbox "Select Stoneware vase, front"');
    expect(said).toContain('button "More for Stoneware vase, front"');
    expect(said).not.toMatch(/(?:button|link|checkbox)(?:\s*$|:| \[)/m);
    // Nothing moves for those who do not want it: what would fade is there at once.
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.getByRole("button", { name: "More for Stoneware vase, front" }).click();
    await page.getByRole("menu").waitFor();
    expect(
      await page.evaluate(
        "document.getAnimations().filter(({ playState, effect }) => playState === 'running' && effect.getComputedTiming().activeDuration > 1).length",
      ),
    ).toBe(0);
    // At 200 % a screen of 1280 pixels has 640.
    const zoomed = await signedIn(
      "/",
      await pages.open({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }),
    );
    for (const [path, heading] of [
      ["/", "Inbox"],
      ["/console/attention", "Needs attention"],
      ["/console/products", "Products"],
      ["/console/health", "Health"],
      ["/console/log", "Audit log"],
    ] as const) {
      await follow(zoomed.page, path);
      await zoomed.page.getByRole("heading", { level: 1, name: heading }).waitFor();
      await becomes(zoomed.page, "document.querySelector('.waiting') === null");
      await expect
        .poll(() => zoomed.page.evaluate("document.documentElement.scrollWidth"), { message: path })
        .toBeLessThanOrEqual(640);
    }
  }, 240_000);

  it("says so if an act does not reach the API, keeps what was typed, and does it when tried again", async () => {
    const id = await scene.send(scene.eager("pond/carp", "c_fill,w_10"));
    await scene.send(scene.eager("garden/hose", "c_fill,w_10"));
    await kill(database.db, ["email"], "SendGrid 401: no");
    await deliverAll(database.db);
    const { page } = await signedIn("/console/attention");
    let isAway = false;
    await page.route("**/api/**", (route) =>
      isAway && route.request().method() === "POST" ? route.abort() : route.continue(),
    );
    const dialog = page.getByRole("dialog");
    const failed = page.getByText("The site did not respond.", { exact: false });
    async function tryTwice(again: () => Promise<void>) {
      await failed.first().waitFor();
      isAway = false;
      await again();
    }
    // On many.
    await page.getByRole("button", { name: /^Send 2 e-mails again…/ }).click();
    await dialog.getByLabel("Reason").fill("new key");
    isAway = true;
    await dialog.getByRole("button", { name: "Send 2 e-mails again" }).click();
    await tryTwice(() => dialog.getByRole("button", { name: "Try again" }).click());
    await page.getByText("2 done.").waitFor();
    // On one, from its page.
    await follow(page, `/console/notifications/${id}`);
    await page.getByRole("button", { name: "More for this notification" }).click();
    await page.getByRole("menuitem", { name: /again…$/ }).click();
    await dialog.getByLabel("Reason").fill("once more");
    isAway = true;
    const go = dialog.locator("button[type=submit]");
    await go.click();
    await tryTwice(async () => {
      expect(await dialog.getByLabel("Reason").inputValue()).toBe("once more");
      await go.click();
    });
    await dialog.waitFor({ state: "detached" });
    // A handler.
    await follow(page, "/console/health");
    await page.getByRole("button", { name: "Pause email" }).click();
    await dialog.getByLabel("Reason").fill("SendGrid is down");
    isAway = true;
    await go.click();
    await tryTwice(() => go.click());
    await page.getByText("paused by ada: SendGrid is down", { exact: true }).waitFor();
    // A sample.
    await follow(page, "/console/try");
    isAway = true;
    await page.getByRole("button", { name: "Send signed sample" }).click();
    await tryTwice(() => page.getByRole("button", { name: "Send signed sample" }).click());
    await page.getByText("Received and verified").waitFor();
    const { rows } = await database.db.query<{ reason: string }>(
      "select distinct reason from operator_acts order by reason",
    );
    expect(rows.map(({ reason }) => reason)).toEqual(["SendGrid is down", "new key", "once more"]);
    await database.db.query("truncate paused_handlers");
  }, 180_000);

  it("shows pending pictures sixty at a time", async () => {
    await database.db.query(
      `insert into moderation_decision (asset_id, version, kind, status, decided_at, action, noted_at)
       select 'asset-' || n, 1, 'manual', 'pending', now(), 'none', now() from generate_series(1, 65) n`,
    );
    const { page } = await signedIn("/console/moderation");
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("button", { name: "More", exact: true }).waitFor({ state: "detached" });
    expect(await page.getByRole("button", { name: /^View asset-/ }).count()).toBe(65);
    await database.db.query("truncate moderation_decision");
  });

  it("pauses a handler", async () => {
    const { page } = await signedIn("/console/health");
    await page.getByRole("button", { name: "Pause email" }).click();
    await page.getByLabel("Reason").fill("SendGrid is down");
    await page.getByText("No e-mail is sent until you resume. Nothing is lost.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Pause email" }).click();
    await page.getByText("paused by ada: SendGrid is down", { exact: true }).waitFor();
    await page.getByRole("link", { name: "email is paused" }).waitFor();
    await database.db.query("truncate paused_handlers");
  });

  describe("O2 X7 hostile content stays inert:", () => {
    const script = "<img src=x onerror=alert(1)><script>alert(2)</script>";

    it.each([
      [
        "a script in the public id",
        () => scene.upload(script, { context: { custom: { [script]: script } }, tags: [script] }),
      ],
      [
        "a picture's address that is a script",
        () => scene.upload("x", { secure_url: "javascript:alert(1)" }),
      ],
      ["markup in a type", () => ({ ...scene.upload("x"), notification_type: script })],
      ["text that runs backwards", () => scene.upload("\u202egnp.exe")],
    ])("%s", async (_name, body) => {
      const id = await scene.send(body());
      await deliverAll(database.db);
      const { page, complaints } = await signedIn();
      const dialogs: string[] = [];
      page.on("dialog", (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await page.locator("a.row-link").first().waitFor();
      await follow(page, `/console/notifications/${id}`);
      await page.getByText("Received and verified").waitFor();
      await page.getByText("Raw", { exact: true }).click();
      expect(await page.locator("img[src='x'], #root script").count()).toBe(0);
      expect(await page.locator("a[href^='javascript:']").count()).toBe(0);
      expect(dialogs).toEqual([]);
      expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
    });

    it("a body of 1 MB", async () => {
      const id = await scene.send(
        scene.upload("big", { context: { custom: { note: "x".repeat(1_000_000) } } }),
      );
      const { page } = await signedIn(`/console/notifications/${id}`);
      await page
        .getByText("Showing the first 262.1 kB of 1 MB. Download the body to see all of it.")
        .waitFor();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Download" }).click(),
      ]);
      expect(readFileSync(await download.path(), "utf8")).toContain("x".repeat(1_000_000));
    });

    it("a body with 20,000 tags, in a page no larger than that of three", async () => {
      const tags = Array.from({ length: 20_000 }, (_, at) => `tag ${at}`);
      const { page } = await signedIn();
      const elements = async (of: readonly string[]) => {
        const id = await scene.send(scene.upload("tagged", { tags: of }));
        await page.goto(`${site.origin}/console/notifications/${id}`);
        await page.getByText("Received and verified").waitFor();
        await page.getByText("public_id").first().waitFor();
        return page.locator("*").count();
      };
      const three = await elements(tags.slice(0, 3));
      expect(await elements(tags)).toBeLessThan(three + 50);
    });

    it("a body nested 5,000 deep", async () => {
      const id = await scene.send(
        `{"notification_type":"upload","deep":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
      );
      const { page, complaints } = await signedIn(`/console/notifications/${id}`);
      await page.getByText("deep").first().waitFor();
      expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
    });

    it("a binary body", async () => {
      const id = await scene.send(Buffer.from([0xff, 0x00, 0x3c, 0x73]));
      const { page } = await signedIn(`/console/notifications/${id}`);
      await page.getByText("00000000 ff 00 3c 73").waitFor();
    });
  });

  const views = [
    ["/", "Inbox"],
    ["/?state=dead&type=upload&assetId=x", "Inbox"],
    ["/console/moderation", "Moderation"],
    ["/console/moderation?show=held", "Moderation"],
    ["/console/products", "Products"],
    ["/console/products?show=unmapped", "Products"],
    ["/console/product?sku=SKU-7", "SKU-7"],
    ["/console/messages", "Messages"],
    ["/console/attention", "Needs attention"],
    ["/console/held", "Needs attention"],
    ["/console/refusals", "Rejected requests"],
    ["/console/health", "Health"],
    ["/console/try", "Try it"],
    ["/console/log", "Audit log"],
  ] as const;

  describe("axe finds no serious problem in light or dark mode", () => {
    async function everything() {
      const id = await scene.send(scene.upload("products/SKU-7/main"));
      await kill(database.db, ["moderation"], "Cloudinary answered 401");
      await scene.send(scene.pending("community/harbour"));
      await hold(database.db, ["moderation"], "awaits-person");
      await scene.send(scene.pending("community/ferry"));
      await scene.send(scene.upload("unmapped/photo"));
      await scene.send(scene.eager("products/SKU-7/main", "c_fill,w_10"));
      await deliverAll(database.db);
      await database.db.query(
        `insert into refusals (reason, hour, count, samples) values ('signature-mismatch', date_trunc('hour', now()), 1,
           '[{"at": "2026-01-01T00:00:00Z", "path": "/webhooks", "userAgent": "x", "signatureLength": 40, "timestamp": "1"}]')`,
      );
      await database.db.query(
        "insert into operator_acts (who, act, handler, reason) values ('ada', 'pause', 'pim', 'moves')",
      );
      const { rows } = await database.db.query<{ id: string }>(
        "select id from deliveries where handler = 'email' limit 1",
      );
      return { id, mail: rows[0]?.id };
    }

    it("on any view, wide or narrow, or in a dialog", async () => {
      const { id, mail } = await everything();
      const { page, complaints } = await signedIn();
      const all = [
        ...views,
        [`/console/notifications/${id}`, "main: uploaded"],
        [`/console/notifications/${id}?tab=attempts`, "main: uploaded"],
        [`/console/messages/${mail}`, /./],
      ] as const;
      for (const [path, heading] of all) {
        await follow(page, path);
        await page.getByRole("heading", { level: 1, name: heading }).waitFor();
        await becomes(page, "document.querySelector('.waiting') === null");
        for (const width of [1_280, 360]) {
          await page.setViewportSize({ width, height: 800 });
          await expectAccessibleInBothSchemes(page);
          // Nothing but a scrolling box of its own is wider than the screen.
          expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBeLessThanOrEqual(
            width,
          );
        }
      }
      await page.setViewportSize({ width: 1_280, height: 800 });
      await follow(page, `/console/notifications/${id}`);
      await page.locator(".open-acts button").first().click();
      await page.getByRole("dialog").waitFor();
      await expectAccessibleInBothSchemes(page);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "More for this notification" }).click();
      await page.getByRole("menu").waitFor();
      await expectAccessibleInBothSchemes(page);
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
      await expectAccessibleInBothSchemes(page);
      // The functions run as deployed here: their mail preview loads no pictures from this machine.
      const expected = /^Loading the image 'http:\/\/127\.0\.0\.1.*\/api\/mails\/[\w-]+\/html$/;
      expect(complaints.filter((text) => !text.includes("401") && !expected.test(text))).toEqual([]);
    }, 300_000);

    it("on the sign-in page", async () => {
      const { page } = await pages.open();
      await page.goto(site.origin);
      await page.getByLabel("Operator token").fill("x".repeat(40));
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("This operator token is not valid.").waitFor();
      await expectAccessibleInBothSchemes(page);
    });
  });
});
