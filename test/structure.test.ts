import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { mutants } from "./mutants/list.ts";

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

it("there are files to check", () => {
  expect(production.length).toBeGreaterThan(30);
  expect(production.flatMap(imports).length).toBeGreaterThan(50);
});

it("nothing outside src/local and test imports an emulator", () => {
  const outside = sources("src", "netlify").filter(({ path }) => !path.startsWith("src/local/"));
  expect(
    outside
      .filter((file) => imports(file).some((path) => path.startsWith("src/local/")))
      .map(({ path }) => path),
  ).toEqual([]);
});

it("only src/config.ts reads the environment", () => {
  const readers = production
    .filter(({ text }) => /process\.env|Netlify\.env/.test(text))
    .map(({ path }) => path);
  expect(readers).toEqual(["src/config.ts"]);
});

it("settings import only types, because hooks load them at start-up", () => {
  const text = production.find(({ path }) => path === "src/settings.ts")?.text ?? "";
  expect(text).toMatch(/satisfies Settings & HandlerSettings;$/m);
  expect(text.match(/^(?:import|export .* from).*/gm)).toEqual([
    'import type { HandlerSettings } from "./handlers/list.ts";',
    'import type { Settings } from "./settings.types.ts";',
  ]);
  expect(text).not.toMatch(/\b(?:import|require)\(/);
});

it("only the entry of src/lib reads the configuration, and the configuration uses only shared helpers", () => {
  const from = (path: string) => imports(production.find((file) => file.path === path) ?? { path, text: "" });
  const rooms = from("src/config.ts").filter((path) => path.startsWith("src/lib/"));
  expect(rooms.length).toBeGreaterThan(3);
  expect(rooms.filter((path) => !/^src\/lib\/(shared\/|database\/connection\.ts)/.test(path))).toEqual([]);
  expect(from("src/config.types.ts").filter((path) => !path.startsWith("src/lib/shared/"))).toEqual([]);
  const readers = production.filter((file) => imports(file).includes("src/config.ts"));
  expect(readers.filter(({ path }) => /^src\/(handlers|console|lib\/(?!entry\/))/.test(path))).toEqual([]);
});

it("no handler depends on requests or Netlify, and in src/lib only entry imports handlers", () => {
  const handlers = production.filter(({ path }) => path.startsWith("src/handlers/"));
  expect(handlers.filter(({ text }) => /@netlify\//.test(text)).map(({ path }) => path)).toEqual([]);
  const lib = production.filter(
    ({ path }) =>
      path.startsWith("src/lib/") &&
      ![
        "src/lib/entry/worker.ts",
        "src/lib/entry/follow-up.ts",
        "src/lib/entry/faces-worker.ts",
        "src/lib/entry/sendgrid-events.ts",
      ].includes(path),
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

it("no row is locked in a subquery of IN, which a plan may run again for each row and so lock more than its limit", () => {
  const locked = sources("src", "netlify").flatMap(({ path, text }) =>
    lockingInLists(text).map((list) => `${path}: ${list}`),
  );
  expect(locked).toEqual([]);
  const old =
    "update t set n = 1 where id in ( select id from (select 1) f limit $1 for no key update skip locked)";
  expect(lockingInLists(old)).toHaveLength(1);
  expect(lockingInLists(`with a as (select 1 for update) ${old.replace(" for no key update", "")}`)).toEqual(
    [],
  );
});

/** The subqueries of `in (select …)` that lock rows. */
function lockingInLists(text: string): string[] {
  return [...text.matchAll(/\sin\s*\(\s*select\b/gi)]
    .map(({ index }) => {
      const start = text.indexOf("(", index);
      let open = 0;
      for (let at = start; at < text.length; at += 1) {
        if (text[at] === "(") open += 1;
        if (text[at] === ")" && --open === 0) return text.slice(start, at + 1);
      }
      return text.slice(start);
    })
    .filter((list) => /\sfor\s+(no\s+key\s+)?(update|share|key\s+share)\b/i.test(list));
}

it("every handler of a route or a connector is listed, and each has a folder with its file", async () => {
  const { settings } = await import("../src/settings.ts");
  const { handlers } = await import("../src/handlers/list.ts");
  const { handlerProblems } = await import("../src/lib/deliveries/start-handlers.ts");
  expect(handlerProblems(settings, handlers)).toEqual([]);
  const list = production.find(({ path }) => path === "src/handlers/list.ts") ?? { path: "", text: "" };
  const files = production.map(({ path }) => path);
  const own = files.filter((path) => /^src\/handlers\/[^/]+\/handler\.ts$/.test(path));
  expect(imports(list).toSorted()).toEqual(own.toSorted());
  expect(handlers.length).toBe(own.length);
});

it("each variable that a handler declares is in .env.example", async () => {
  const { handlers } = await import("../src/handlers/list.ts");
  const example = readFileSync(join(root, ".env.example"), "utf8");
  const declared = handlers.flatMap(({ environment }) => Object.keys(environment));
  expect(declared.filter((name) => !new RegExp(`^${name}=`, "m").test(example))).toEqual([]);
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

it("untrusted names are looked up with own(), which ignores inherited properties", () => {
  const files = sources("src", "netlify").filter(
    ({ path }) => !path.startsWith("src/local/") && path !== "src/lib/shared/own.ts",
  );
  expect(unguardedLookups(files).sort()).toEqual(looked.sort());
  const old = `const kinds: Readonly<Record<string, string>> = {};
    const a = kinds[kind]; const b = { none: "nothing" }[action]; const c = settings.kinds[read.kind];`;
  expect(unguardedLookups([{ path: "old.ts", text: old }])).toHaveLength(3);
});

it("there are no import cycles, including types", () => {
  const files = sources("src", "netlify");
  const graph = new Map(files.map((file) => [file.path, imports(file)]));
  expect(cyclesOf(graph)).toEqual([]);
  expect(cyclesOf(new Map(Object.entries({ a: ["b"], b: ["c"], c: ["a"] })))).toEqual([["a", "b", "c"]]);
});

/** Each way from a file back to itself, once. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]) => {
    if (finished.has(path)) return;
    const start = trail.indexOf(path);
    if (start !== -1) {
      cycles.push(trail.slice(start));
      return;
    }
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

it("the command line prints JSON through `printJson` only, which masks it", () => {
  const commands = sources("src/cli").filter(({ path }) => path !== "src/cli/output.ts");
  expect(commands.length).toBeGreaterThan(10);
  const strays = commands.filter(({ text }) =>
    /(?:console\.log|stdout\.write)\([^;]*JSON\.stringify/.test(text),
  );
  expect(strays.map(({ path }) => path)).toEqual([]);
});

/** Who may write a table: its owner, and the statements that must be one with somebody else's. */
const writers: Readonly<Record<string, readonly string[]>> = {
  notifications: ["src/lib/receive", "src/lib/deliveries/retention.ts", "src/lib/erasure"],
  notification_asset: ["src/lib/receive", "src/lib/erasure"],
  unlisted_notifications: ["src/lib/receive"],
  refusals: ["src/lib/receive", "src/lib/deliveries/retention.ts", "src/lib/erasure"],
  // A notification is recorded together with its planned deliveries.
  deliveries: ["src/lib/deliveries", "src/lib/receive/record.ts", "src/lib/erasure"],
  attempts: ["src/lib/deliveries", "src/lib/erasure"],
  paused_handlers: ["src/lib/deliveries"],
  pulse: ["src/lib/deliveries"],
  workers: ["src/lib/deliveries"],
  retention_marks: ["src/lib/deliveries"],
  heartbeats: ["src/lib/deliveries", "src/lib/reconcile"],
  alert_states: ["src/alerts"],
  alert_messages: ["src/alerts"],
  metric_totals: ["src/lib/metrics"],
  metric_marks: ["src/lib/metrics"],
  reconcile_position: ["src/lib/reconcile"],
  reconcile_positions: ["src/lib/reconcile"],
  erasures: ["src/lib/erasure"],
  // Texts end with what they are about, in the same statement.
  search_texts: ["src/lib/search", "src/lib/deliveries/retention.ts", "src/lib/erasure"],
  search_progress: ["src/lib/search"],
  drift_findings: ["src/lib/drift"],
  drift_progress: ["src/lib/drift"],
  // The audit log: an act is written by the statement that does it, where that is one statement.
  operator_acts: [
    "src/lib/deliveries",
    "src/lib/erasure",
    "src/alerts",
    "src/console/server/queries/note-act.ts",
  ],
  // The board marks the rows that wait no longer, so that the next look is cheap.
  moderation_decision: ["src/handlers/moderation", "src/console/server/queries/board.ts"],
  moderation_gate: ["src/handlers/moderation"],
  approve_links: ["src/approve"],
  waiting_mails: ["src/lib/deliveries"],
  mail_events: ["src/handlers/email"],
  refused_recipients: ["src/handlers/email"],
  akeneo_urls: ["src/handlers/pim-akeneo"],
};

it("a newcomer's question is answered by a short list of files that exist", () => {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const lists = text
    .split(/^## /m)
    .find((section) => section.startsWith("Where to start reading"))
    ?.split(/^\*\*/m)
    .slice(1)
    .map((list) => [...list.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path = ""]) => path));
  // A hook's answer, the end of a delivery, a decision, a mail, npm start.
  expect(lists?.map((list, index) => list.length <= ([12, 10, 12, 14, 12][index] ?? 0))).toEqual(
    Array(5).fill(true),
  );
  expect(lists?.map((list) => list.length).every((length) => length > 6)).toBe(true);
  expect(lists?.flat().filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it("one folder writes each table", () => {
  const written = /(?:\binsert into|\bdelete from|(?<!for |do )\bupdate)\s+([a-z][a-z_]+)\b/g;
  const found = production.flatMap(({ path, text }) =>
    [...text.matchAll(written)].map(([, table = ""]) => ({ path, table })),
  );
  expect(found.length).toBeGreaterThan(30);
  const owners = (table: string) => {
    if (table.startsWith("pim_")) return ["src/handlers/pim/"];
    return table.startsWith("face_") ? ["src/handlers/faces/"] : (writers[table] ?? null);
  };
  const strays = found.filter(({ path, table }) => {
    const folders = owners(table);
    return folders !== null && !folders.some((folder) => path.startsWith(folder));
  });
  expect(strays).toEqual([]);
  for (const table of Object.keys(writers)) expect(found.map((one) => one.table)).toContain(table);
});

it("no function throws an error whose fields the platform would print", () => {
  const functions = sources("netlify/functions");
  expect(functions.length).toBeGreaterThan(10);
  expect(
    functions.filter(({ text }) => !/^export default safely\(/m.test(text)).map(({ path }) => path),
  ).toEqual([]);
});

it("each bug of the list can be planted", () => {
  const missing = mutants.filter(
    ({ file, search }) => readFileSync(join(root, file), "utf8").split(search).length !== 2,
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});
