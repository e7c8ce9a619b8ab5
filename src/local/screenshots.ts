import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import { reportError, UserError } from "../cli/user-error.ts";
import { dataUri, localCloud } from "./demo/cloud.ts";
import { receiverApi } from "./demo/receiver.ts";
import { runningStack } from "./demo/stack-in-use.ts";
import { productPicture } from "./samples.ts";

// `npm run screenshots`: the pictures of the README, from the stack that runs in this folder, best after `npm start -- --fresh`.

const binary = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/chromium-headless-shell",
].find(existsSync);

/** SKU, name and colour of sample products. */
const products = [
  ["CHAIR-100", "Garden chair", "#2f9e62"],
  ["LAMP-3", "Table lamp", "#d9a521"],
  ["SOFA-12", "Sofa", "#8a5fb0"],
  ["VASE-7", "Vase", "#c2603f"],
] as const;
/** Each request of the page starts a function under `netlify dev`. */
const patienceMs = 120_000;
const eager = [{ width: 400, height: 400, crop: "fill" }];

main().then(
  () => process.exit(),
  (error: unknown) => process.exit(reportError(error)),
);

async function main(): Promise<void> {
  if (binary === undefined)
    throw new UserError("This needs Chromium. On Debian or Ubuntu: apt-get install chromium");
  const stack = await runningStack(process.cwd());
  const signal = AbortSignal.timeout(600_000);
  const receiver = receiverApi({ url: stack.url, token: stack.token, signal });
  const since = new Date(Date.now() - 1_000);
  const cloud = await localCloud(stack);
  for (const [sku, name, colour] of products) {
    // One e-mail is rejected, and the answer to another is lost, so that exceptions are seen.
    if (sku === "LAMP-3") await fault(stack.localUrl, { kind: "status", status: 401 });
    if (sku === "SOFA-12") await fault(stack.localUrl, { kind: "reset", when: "after-work" });
    await cloud.uploader.upload(dataUri(await productPicture(colour)), {
      public_id: `products/${sku}/main`,
      display_name: name,
      tags: ["summer"],
      eager,
      eager_async: true,
      eager_notification_url: `${stack.url}/webhooks/eager`,
      notification_url: `${stack.url}/webhooks/upload`,
    });
    await settled(sku);
  }

  const chrome = await chromium.launch({
    executablePath: binary,
    args: ["--headless", "--no-sandbox", "--disable-gpu"],
  });
  try {
    await take(chrome);
  } finally {
    await chrome.close();
  }

  /** Until both notifications of the product and their deliveries are finished. */
  async function settled(sku: string): Promise<void> {
    for (;;) {
      const rows = (await receiver.since(since)).filter(({ publicId }) => publicId?.includes(sku));
      const open = rows.flatMap(({ deliveries }) =>
        deliveries.filter(({ state }) => state === "due" || state === "running"),
      );
      if (rows.length === 2 && open.length === 0) return;
      await sleep(1_000, undefined, { signal });
    }
  }

  async function take(on: Browser): Promise<void> {
    const page = await on.newPage({ viewport: { width: 1280, height: 720 } });
    page.setDefaultTimeout(60_000);
    await page.goto(`${stack.url}/#${stack.token}`);
    await shoot(page, "console-inbox", products.length * 2);
    const rows = await receiver.since(since);
    const shown = rows.find(({ type, publicId }) => type === "eager" && publicId?.includes("VASE-7"));
    await page.goto(`${stack.url}/console/notifications/${shown?.id}`);
    await shoot(page, "console-notification", 1);
  }
}

/** When so many pictures have loaded. */
async function shoot(page: Page, name: string, pictures: number): Promise<void> {
  const loaded =
    'const images = [...document.querySelectorAll("main img")]; images.every((image) => image.complete && image.naturalWidth > 0) ? images.length : 0';
  // Asked again and again: the page's policy lets no function wait in it.
  const end = Date.now() + patienceMs;
  while (Number(await page.evaluate(loaded)) < pictures) {
    if (Date.now() > end)
      throw new Error(`${name}: fewer than ${pictures} pictures after ${patienceMs / 1_000} s`);
    await sleep(500);
  }
  await page.screenshot({ path: join("docs", `${name}.png`) });
  console.log(`docs/${name}.png`);
}

async function fault(localUrl: string, kind: object): Promise<void> {
  const body = JSON.stringify({ service: "sendgrid", match: "POST /v3/mail/send", ...kind });
  const headers = { "content-type": "application/json" };
  const { status } = await fetch(`${localUrl}/_control/faults`, { method: "POST", headers, body });
  if (status !== 204) throw new Error(`The fault was answered with ${status}.`);
}
