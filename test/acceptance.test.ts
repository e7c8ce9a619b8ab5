import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(`${root}docs/acceptance.md`, "utf8");
const cases = [...page.matchAll(/^\| ([A-Z]\d+) \| .+ \| `([\w./-]+)`: (.+) \|$/gm)].map(
  ([, id = "", file = "", title = ""]) => ({ id, file: `${root}test/${file}`, title }),
);

/** How many cases each group has. */
const groups = { S: 19, X: 16, I: 12, D: 10, P: 10, M: 8, E: 5, K: 4, O: 6 };

it("docs/acceptance.md lists every acceptance case once, in order", () => {
  const ids = Object.entries(groups).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, at) => `${group}${at + 1}`),
  );
  expect(cases.map(({ id }) => id)).toEqual(ids);
});

it.each(cases)("$id has its test", ({ file, title }) => {
  expect(existsSync(file), file).toBe(true);
  const source = readFileSync(file, "utf8");
  expect(
    ['"', "'", "`"].some((quote) => source.includes(quote + title + quote)),
    `no test in ${file} has the title: ${title}`,
  ).toBe(true);
});
