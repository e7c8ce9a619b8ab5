import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** The first is the same browser without the windows, profiles and extensions of a desktop: half the work for each page. */
const binary = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => existsSync(path));

/** A system Chromium (`.ci/run` installs it). */
export const hasBrowser = binary !== undefined;

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function browser(...more: string[]): Promise<Browser> {
  if (!binary) throw new Error("no Chromium is installed");
  return await chromium.launch({ executablePath: binary, args: [...flags, ...more] });
}
