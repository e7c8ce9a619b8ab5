import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, CDPSession } from "playwright-core";
import { database } from "../../src/lib/database/pool.ts";
import { consoleSite } from "../console/console-site.ts";
import { busyAfternoon } from "../console/page/realistic.ts";
import { paintedPictures, sender } from "../console/page/scene.ts";
import { browser } from "../support/browser-process.ts";
import { testSecret } from "../support/signed-request.ts";
import { type Figure, median, quantile } from "./figure.ts";
import { benchServer } from "./server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const token = "bench-5d17c90e3fa84b62d8c1f07a9e43b52d";

/** WebPageTest's "4G". The emulation delays each request by the latency; it does not emulate connection set-up. */
const network = {
  offline: false,
  latency: 170,
  downloadThroughput: 9_000_000 / 8,
  uploadThroughput: 9_000_000 / 8,
};
const slowdown = 4;
const atMostMs = 1_000;

/** Notes when the given element is first painted: the frame after it was put into the document. */
const noteFirst = (selector: string) => `
  new MutationObserver((_, observer) => {
    if (document.querySelector(${JSON.stringify(selector)}) === null) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { window.benchPaintedAt = performance.now(); };
      port2.postMessage(null);
    });
  }).observe(document, { childList: true, subtree: true });`;

/** The views that are measured, each with the element that only its data brings. */
const views = {
  "the inbox": ["/", ".inbox-rows > *"],
} as const;

/** The first paint of a view, signed in and with an empty cache, on a slow network and a slow processor. */
export async function benchPaint(rounds = 7): Promise<Figure[]> {
  const before = { ...process.env };
  const folder = await mkdtemp(join(tmpdir(), "bench-page-"));
  const server = await benchServer();
  const db = database({ url: server.url, max: 4, timeoutMs: 20_000 });
  const [pictures, chromium] = await Promise.all([paintedPictures(), browser()]);
  process.env.DATABASE_URL = server.url;
  process.env.OPERATOR_TOKEN = token;
  process.env.CLOUDINARY_URL = `cloudinary://123456789012345:${testSecret}@demo`;
  const { log } = console;
  console.log = () => {};
  const site = await consoleSite(await built(folder), { compressed: true });
  try {
    await busyAfternoon(db, sender(site.origin, pictures.url));
    const cookie = await sessionCookie(site.origin);
    const figures: Figure[] = [];
    for (const [name, [path, selector]] of Object.entries(views)) {
      const times = [];
      for (let round = -1; round < rounds; round += 1) {
        const painted = await paint(chromium, { url: `${site.origin}${path}`, cookie, selector });
        if (round >= 0) times.push(painted);
      }
      figures.push(
        figure(
          `${name}: anything`,
          times.map(({ first }) => first),
        ),
        figure(
          `${name}: its data`,
          times.map(({ data }) => data),
        ),
      );
    }
    return figures;
  } finally {
    console.log = log;
    process.env = before;
    await Promise.all([chromium.close(), site.close(), pictures.close(), db.close()]);
    await server.stop();
    await rm(folder, { recursive: true });
  }
}

async function built(folder: string): Promise<string> {
  await promisify(execFile)(process.execPath, [
    join(root, "node_modules/vite/bin/vite.js"),
    ...["build", "--config", join(root, "src/console/vite.config.ts"), "--outDir", folder, "--emptyOutDir"],
  ]);
  return folder;
}

async function sessionCookie(origin: string): Promise<{ name: string; value: string }> {
  const response = await fetch(`${origin}/api/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ token }),
  });
  const [, name, value] = /^([^=]+)=([^;]+)/.exec(response.headers.get("set-cookie") ?? "") ?? [];
  if (name === undefined || value === undefined) throw new Error(`signing in answered ${response.status}`);
  return { name, value };
}

interface Opened {
  url: string;
  cookie: { name: string; value: string };
  selector: string;
}

/** Milliseconds from the start of the navigation, as the browser notes them. */
async function paint(
  on: Browser,
  { url, cookie, selector }: Opened,
): Promise<{ first: number; data: number }> {
  const context = await on.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    await context.addCookies([
      { ...cookie, url: url.replace("http:", "https:"), httpOnly: true, secure: true },
    ]);
    const page = await context.newPage();
    await page.addInitScript(noteFirst(selector));
    const devTools: CDPSession = await context.newCDPSession(page);
    await devTools.send("Network.enable");
    await devTools.send("Network.emulateNetworkConditions", network);
    await devTools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
    await page.goto(url);
    await page.locator(selector).first().waitFor();
    return await page.evaluate(
      `new Promise((done) => {
        const look = () => window.benchPaintedAt === undefined ? setTimeout(look, 50) : done({
          first: performance.getEntriesByName("first-contentful-paint")[0].startTime,
          data: window.benchPaintedAt,
        });
        look();
      })`,
    );
  } finally {
    await context.close();
  }
}

function figure(name: string, times: readonly number[]): Figure {
  const ratios = times.map((ms) => ms / atMostMs);
  return {
    name: `paint of ${name}`,
    against: "1 s",
    unit: "ms",
    ours: median(times),
    theirs: atMostMs,
    ratio: median(times) / atMostMs,
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    aim: { atMost: 1 },
  };
}
