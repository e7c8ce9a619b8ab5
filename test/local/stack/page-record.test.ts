import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { isPageCurrent, pageSources, recordPage } from "../../../src/local/stack/page-record.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-page-"));
  await write("src/console/page/main.tsx", "export {};");
  await write("src/settings.ts", "export const settings = {};");
  await write("package.json", "{}");
  await write("node_modules/.package-lock.json", '{ "vite": "8.3.8" }');
  await write("dist/index.html", "<title>Console</title>");
  await write("dist/assets/main.js", "main();");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function write(name: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

const isCurrent = () => isPageCurrent(folder, pageSources(folder));

it("a page that nobody recorded is built", () => {
  expect(isCurrent()).toBe(false);
});

it.each<[string, () => unknown]>([
  ["a changed source", () => write("src/console/page/main.tsx", "export{};")],
  ["a new source", () => write("src/console/page/main.ts", "")],
  ["a removed source", () => rm(join(folder, "src/settings.ts"))],
  [
    "a renamed folder",
    async () => {
      await rm(join(folder, "src/console"), { recursive: true });
      await write("src/console2/page/main.tsx", "export {};");
    },
  ],
  ["another version of a package", () => write("node_modules/.package-lock.json", '{ "vite": "8.3.9" }')],
  ["a variable that Vite reads", () => vi.stubEnv("VITE_NAME", "shop")],
  ["the build of another program", () => write("dist/assets/main.js", "other();")],
  ["a missing file of the page", () => rm(join(folder, "dist/assets/main.js"))],
  ["a missing page", () => rm(join(folder, "dist"), { recursive: true })],
])("%s makes a recorded page outdated", async (_, change) => {
  recordPage(folder, pageSources(folder));
  expect(isCurrent()).toBe(true);
  await change();
  expect(isCurrent()).toBe(false);
});

it("a source that is saved during the build makes the page outdated", async () => {
  const sources = pageSources(folder);
  await write("src/console/page/main.tsx", "main();");
  recordPage(folder, sources);
  expect(isCurrent()).toBe(false);
});
