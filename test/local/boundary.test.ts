import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

it("nothing outside src/local and test imports from src/local", async () => {
  const folders = ["src", "netlify"].map(async (folder) =>
    (await readdir(join(root, folder), { recursive: true }))
      .filter((file) => /\.(ts|tsx|js)$/.test(file))
      .map((file) => join(folder, file)),
  );
  const files = (await Promise.all(folders)).flat();
  const inside = files.filter((file) => file.startsWith("src/local/"));
  expect(inside).toContain("src/local/stand-ins.ts");
  const outside = files.filter((file) => !file.startsWith("src/local/"));
  expect(outside).toContain("src/settings.ts");
  const importing = outside.map(async (file) => {
    const text = await readFile(join(root, file), "utf8");
    return /(from|import)\s*\(?\s*["'][^"']*\/local\//.test(text) ? [file] : [];
  });
  expect((await Promise.all(importing)).flat()).toEqual([]);
});
