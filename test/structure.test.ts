import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

function sources(...folders: string[]): { path: string; text: string }[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && /\.(ts|tsx|js)$/.test(entry.name) && !entry.name.includes(".generated."),
      )
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path: relative(root, path), text: readFileSync(path, "utf8") })),
  );
}

/** The files of ours that a file imports, from the root. */
function imports({ path, text }: { path: string; text: string }): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, target]) =>
    relative(root, resolve(root, path, "..", target ?? "")),
  );
}

const production = sources("src", "netlify").filter(({ path }) => !/^src\/(local|cli)\//.test(path));

it("there is something to look at", () => {
  expect(production.length).toBeGreaterThan(30);
  expect(production.flatMap(imports).length).toBeGreaterThan(50);
});

it("nothing outside src/local and test imports a stand-in", () => {
  const outside = sources("src", "netlify").filter(({ path }) => !path.startsWith("src/local/"));
  expect(
    outside
      .filter((file) => imports(file).some((path) => path.startsWith("src/local/")))
      .map(({ path }) => path),
  ).toEqual([]);
});

it("the environment is read in src/config.ts alone", () => {
  const readers = production
    .filter(({ text }) => /process\.env|Netlify\.env/.test(text))
    .map(({ path }) => path);
  expect(readers).toEqual(["src/config.ts"]);
});

it("settings import nothing, since the hooks read them at start-up", () => {
  expect(production.find(({ path }) => path === "src/settings.ts")?.text).not.toMatch(/^import /m);
});

it("no handler knows of requests or of Netlify, and of src/lib only its entry knows the handlers", () => {
  const handlers = production.filter(({ path }) => path.startsWith("src/handlers/"));
  expect(handlers.filter(({ text }) => /@netlify\//.test(text)).map(({ path }) => path)).toEqual([]);
  const lib = production.filter(
    ({ path }) => path.startsWith("src/lib/") && path !== "src/lib/entry/worker.ts",
  );
  expect(
    lib
      .filter((file) => imports(file).some((path) => path.startsWith("src/handlers/")))
      .map(({ path }) => path),
  ).toEqual([]);
});

it("no handler writes deliveries or attempts: lib/deliveries does", () => {
  const writers = production
    .filter(({ path }) => path.startsWith("src/handlers/"))
    .filter(({ text }) => /\b(update|insert into|delete from)\s+(deliveries|attempts)\b/i.test(text))
    .map(({ path }) => path);
  expect(writers).toEqual([]);
});

it("no statement opens a transaction: every state change is one statement", () => {
  const openers = production
    .filter(({ text }) => /["'`]\s*(begin|start transaction)\b/i.test(text))
    .map(({ path }) => path);
  expect(openers).toEqual([]);
});

it("every route names a handler that exists", async () => {
  const { settings } = await import("../src/settings.ts");
  const worker = production.find(({ path }) => path === "src/lib/entry/worker.ts")?.text ?? "";
  const named = new Set(Object.values(settings.routes).flat());
  expect(named.size).toBeGreaterThan(0);
  for (const handler of named) expect(worker).toMatch(new RegExp(`\\b${handler}\\(`));
});

// The compiler lets a name of type `string` into `[…]` only where the object has an index signature, or is a literal
// right before the bracket; so these are the objects that names from outside can reach into.
const indexed =
  /(\w+)\??:\s*(?:Readonly<|Partial<)*(?:Record<(?:string|keyof)\b|JsonObject\b|Context\b|Metadata\b|Environment\b|View\b)/g;
const assertedRecord = /(\w+):\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\s*as Readonly<Record<string/g;

/** Keys that are a place in a list, or a name out of our own list. */
const looked = [
  "src/lib/notifications/notification.ts: }[NotificationType]",
  "src/console/page/views/inbox/keys.ts: links[next]",
  "src/console/page/views/inbox/search-bar.tsx: search[field]",
  "src/console/page/views/inbox/search.ts: search[field] = ",
];

/** Look-ups by a name in objects that are keyed by any text; what `own` does not guard finds `constructor` as well. */
function unguardedLookups(files: readonly { path: string; text: string }[]): string[] {
  const names = new Set(
    files.flatMap(({ text }) =>
      [...text.matchAll(indexed), ...text.matchAll(assertedRecord)].map(([, name]) => name ?? ""),
    ),
  );
  return files.flatMap(({ path, text }) => {
    // Objects without a prototype inherit nothing; files that make them may write into them.
    const bare = /Object\.create\(null\)|emptyRecord\(/.test(text);
    return [
      ...text.matchAll(/(\w+|\}\)?)\[([a-zA-Z_][^\]"'`]*(?:\[[^\]]*\])?[^\]]*)\](\s*(?:\?\?)?=[^=>])?/g),
    ]
      .filter(([, base = "", key = "", write]) => {
        if (/^(at|i|n|index|number)$|^\w+ [+-] 1$| in /.test(key) || base === "typeof") return false;
        return base.startsWith("}") ? !/=>|,/.test(key) : names.has(base) && !(bare && write);
      })
      .map(([all]) => `${path}: ${all}`);
  });
}

it("names from outside are looked up with own(), which finds no inherited property", () => {
  const files = sources("src", "netlify").filter(
    ({ path }) => !path.startsWith("src/local/") && path !== "src/lib/shared/own.ts",
  );
  expect(unguardedLookups(files).sort()).toEqual(looked.sort());
  const old = `const kinds: Readonly<Record<string, string>> = {};
    const a = kinds[kind]; const b = { none: "nothing" }[action]; const c = settings.kinds[read.kind];`;
  expect(unguardedLookups([{ path: "old.ts", text: old }])).toHaveLength(3);
});
