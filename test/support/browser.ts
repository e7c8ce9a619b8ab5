import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect, inject } from "vitest";
import * as z from "zod";

export { browser, hasBrowser } from "./browser-process.ts";

const config = fileURLToPath(new URL("../../src/console/vite.config.ts", import.meta.url));
const vite = fileURLToPath(new URL("../../node_modules/vite/bin/vite.js", import.meta.url));

/** The folder of the page as `npm run build` makes it: by the first test file that asks, for all of a run. */
export async function builtPage(): Promise<string> {
  const folder = join(inject("runFolder"), "page");
  const isFirst = await mkdir(folder).then(
    () => true,
    () => false,
  );
  if (isFirst) await buildPage(folder);
  // The file that tells is written when all others are.
  const built = join(folder, "..", "page-is-built");
  if (isFirst) await writeFile(built, "");
  const startedAt = Date.now();
  while (!existsSync(built)) {
    if (Date.now() - startedAt > 110_000) throw new Error("the page was not built in time");
    await sleep(100);
  }
  return folder;
}

/** In a process of its own: here NODE_ENV is `test`, and React would be the one for development. */
async function buildPage(folder: string): Promise<void> {
  const { NODE_ENV: _, ...env } = process.env;
  await promisify(execFile)(
    process.execPath,
    [vite, "build", "--config", config, "--outDir", folder, "--emptyOutDir"],
    { env },
  );
}

export interface OpenPage {
  page: Page;
  /** What the browser complained of: refused by policy, thrown, not loaded. */
  complaints: string[];
}

const viewport = { width: 1280, height: 800 };

export async function openPage(on: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await on.newContext({ viewport, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} ${message.location().url}`);
  });
  return { page, complaints };
}

export interface Pages {
  /** A page without cookies or stored data: the one that is kept, unless the test has it already or names options. */
  open(options?: BrowserContextOptions): Promise<OpenPage>;
  /** After each test: closes what was opened, and removes from the kept page all that a test left. */
  clear(): Promise<void>;
}

/** For files with many tests: a new profile and its first page cost two seconds of a core, the kept page under one. */
export function keptPage(on: Browser): Pages {
  let kept: OpenPage | null = null;
  let isTaken = false;
  const others: OpenPage[] = [];
  return {
    async open(options) {
      if (options === undefined && !isTaken) {
        isTaken = true;
        kept ??= await openPage(on);
        return kept;
      }
      const opened = await openPage(on, options);
      others.push(opened);
      return opened;
    },
    async clear() {
      await Promise.all(others.splice(0).map(({ page }) => page.context().close()));
      if (kept !== null && isTaken) await forget(kept);
      if (kept?.page.isClosed()) kept = null;
      isTaken = false;
    },
  };
}

async function forget({ page, complaints }: OpenPage): Promise<void> {
  if (page.isClosed()) return;
  const context = page.context();
  await Promise.all(context.pages().map((one) => (one === page ? undefined : one.close())));
  await page.unrouteAll({ behavior: "ignoreErrors" });
  page.removeAllListeners("dialog");
  if (page.url().startsWith("http")) await page.evaluate("localStorage.clear(); sessionStorage.clear()");
  await page.goto("about:blank");
  await context.clearCookies();
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  complaints.length = 0;
}

/** To another view, as a link within the page leads there: loading the page anew costs half a second of a core. */
export async function follow(page: Page, path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, "", ${JSON.stringify(path)})`);
}

/** Waits until an expression of the page's is true. Playwright's own way of it is eval, which the page's policy refuses. */
export async function becomes(page: Page, expression: string): Promise<void> {
  await expect.poll(() => page.evaluate(expression), { timeout: 30_000, interval: 20 }).toBe(true);
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const found = z.array(z.object({ id: z.string(), nodes: z.array(z.string()) }));

/** Those of axe's rules that look at colours. The others see the same document in light and in dark. */
const colourRules = ["color-contrast", "link-in-text-block"];

/** axe finds nothing serious and nothing critical, by WCAG 2.2 A and AA and its own good practice. */
export async function expectAccessible(page: Page, rules: readonly string[] | null = null): Promise<void> {
  await becomes(page, "document.getAnimations().every(({ playState }) => playState !== 'running')");
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe);
  // Without what is not read: selectors, the nodes that pass, and frames, which are documents of others.
  const options = JSON.stringify({
    resultTypes: ["violations"],
    selectors: false,
    iframes: false,
    ...(rules !== null && { runOnly: { type: "rule", values: rules } }),
  });
  const violations = await page.evaluate(`axe.run(${options}).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => html + " " + failureSummary) })))`);
  expect(found.parse(violations)).toEqual([]);
}

/** The same in light and in dark. */
export async function expectAccessibleInBothSchemes(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await becomes(page, `document.documentElement.dataset.mantineColorScheme === "${colorScheme}"`);
    await expectAccessible(page, colorScheme === "light" ? null : colourRules);
  }
}
