import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CommanderError } from "commander";
import pg from "pg";
import { expect, inject, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { createProgram } from "../src/cli/program.ts";
import { settings } from "../src/settings.ts";
import { realDatabase } from "./support/databases.ts";

// Every code block of the README, of CONTRIBUTING.md and of docs/ is run by a test, checked here, or marked in the line above it:
// <!-- Not run: the reason. -->

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
].filter((name) => name.endsWith(".md") && !name.endsWith("CHANGELOG.md"));

interface Block {
  /** Such as `docs/pim.md:12`. */
  at: string;
  page: string;
  language: string;
  code: string;
  notRun: string | undefined;
}

const blocks: Block[] = pages.flatMap((page) => {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^( *)```(.*)\n([\s\S]*?)^ *```$/gm)].map((found) => {
    const [, indent = "", language = "", code = ""] = found;
    const before = text.slice(0, found.index).split("\n");
    return {
      at: `${page}:${before.length}`,
      page,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      notRun: /^ *<!-- Not run: (.+\.) -->$/.exec(before.at(-2) ?? "")?.[1],
    };
  });
});

/** Blocks that another test runs or compares. */
const elsewhere = [
  { page: "docs/flows.md", language: "js", by: "test/local/examples.test.ts" },
  { page: "docs/flows.md", language: "sh", holds: "demo -- --shell", by: "test/local/examples.test.ts" },
  {
    page: "docs/pim.md",
    language: "ts",
    holds: "export function catalogue",
    by: "test/handlers/pim/catalogue.test.ts",
  },
  { page: "docs/handlers.md", language: "ts", holds: "defineHandler", by: "test/handlers/contract.test.ts" },
  { page: "docs/import.md", language: "ts", by: "test/package.test.ts" },
  { page: "docs/command-line.md", language: "text", by: "test/cli/main.test.ts" },
];
const other = ({ page, language, code }: Block) =>
  elsewhere.find((one) => one.page === page && one.language === language && code.includes(one.holds ?? ""));

/** Languages that are no code. */
const noCode: ReadonlySet<string> = new Set(["mermaid", "text"]);

const checkedHere = (language: string) =>
  blocks.filter((block) => block.language === language && !block.notRun && !other(block));

it("every block is checked here, run by another test, or marked with the reason why not", () => {
  expect(blocks.length).toBeGreaterThan(40);
  const checked: ReadonlySet<string> = new Set(["json", "sh", "sql", "ts"]);
  const open = blocks.filter(
    (block) => !block.notRun && !other(block) && !noCode.has(block.language) && !checked.has(block.language),
  );
  expect(open.map(({ at, language }) => `${at} (${language || "no language"})`)).toEqual([]);
  for (const { page, by } of elsewhere) {
    expect(existsSync(join(root, by))).toBe(true);
    expect(readFileSync(join(root, by), "utf8")).toContain(page);
  }
  // That test takes the first example of each section.
  const sections = readFileSync(join(root, "docs/flows.md"), "utf8").split(/^## /m);
  for (const section of sections) expect(section.split("```js").length).toBeLessThanOrEqual(2);
});

it("JSON blocks are valid", () => {
  const json = checkedHere("json");
  expect(json.length).toBeGreaterThan(0);
  for (const { at, code } of json) expect(() => JSON.parse(code), at).not.toThrow();
});

it("SQL blocks run on the tables of the receiver", async () => {
  const sql = checkedHere("sql");
  expect(sql.length).toBeGreaterThan(1);
  const { url, drop } = await realDatabase();
  const name = new URL(url).pathname.slice(1);
  const admin = new pg.Client(inject("postgresUrl"));
  await admin.connect();
  // The user of the examples; it belongs to the server, not to a database.
  await admin.query("drop role if exists receiver");
  await admin.query("create role receiver");
  const client = new pg.Client(url);
  await client.connect();
  try {
    for (const { at, code } of sql)
      await expect(
        client.query(code.replace("on database app", `on database ${name}`)),
        at,
      ).resolves.toBeDefined();
  } finally {
    await client.query("drop owned by receiver");
    await client.end();
    await admin.query("drop role receiver");
    await admin.end();
    await drop();
  }
});

/** TypeScript blocks are parts of the settings, or of `settings.pim`. */
function asModule({ code }: Block): string {
  if (/^(import|export) /m.test(code)) return code;
  const [, key = ""] = /^(\w+):/.exec(code) ?? [];
  const whole = Object.hasOwn(settings, key) ? "Settings" : 'Settings["pim"]';
  return `import type { Settings } from "../../../src/settings.types.ts";
type Some<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Some<T[K]> } : T;
export const part: Some<${whole}> = {\n${code}\n};`;
}

it("TypeScript blocks pass the compiler", { timeout: 180_000 }, async () => {
  const ts = checkedHere("ts");
  expect(ts.length).toBeGreaterThan(1);
  await mkdir(join(root, "node_modules/.cache"), { recursive: true });
  const folder = await mkdtemp(join(root, "node_modules/.cache/docs-"));
  try {
    for (const [number, block] of ts.entries())
      await writeFile(join(folder, `${number}.ts`), `// ${block.at}\n${asModule(block)}`);
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../../tsconfig.json", include: ["*.ts"], exclude: [] }),
    );
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", folder],
      { encoding: "utf8" },
    ).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** The simple commands of a shell block, as lists of words. Placeholders such as `<your site>` become `x`. */
function commandsOf(code: string): string[][] {
  return code
    .replaceAll(/\\\n */g, "")
    .replaceAll(/<[^<>\n]+>/g, "x")
    .replaceAll(/(^|\s)#.*$/gm, "")
    .split(/\n|&&|\|/)
    .map((line) =>
      [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, "")),
    )
    .filter((words) => words.length > 0);
}

/** The problem with a command, or null. `npx webhooks` is parsed by the command line itself, with actions that do nothing. */
function problemOf([program = "", ...args]: readonly string[]): string | null {
  if (/^[A-Z_]+=/.test(program)) return isVariable(program.split("=")[0] ?? "") ? null : "unknown variable";
  if (program === "npx" && args[0] === "webhooks") return parsed(args.slice(1));
  if (program !== "npm") return "unknown program";
  if (args[0] === "ci") return null;
  const [script = "", ...rest] = args[0] === "run" ? args.slice(1) : args;
  if (!Object.hasOwn(manifest.scripts, script)) return `no script ${script}`;
  const given = rest[0] === "--" ? rest.slice(1) : rest;
  if (script === "webhooks") return parsed(given);
  return script === "simulate" || script === "migrate" ? parsed([script, ...given]) : null;
}

const isVariable = (name: string) =>
  new RegExp(`^${name}=`, "m").test(readFileSync(join(root, ".env.example"), "utf8"));

function parsed(args: readonly string[]): string | null {
  const program = createProgram();
  const written: string[] = [];
  for (const command of program.commands)
    command.action(() => {}).configureOutput({ writeErr: (text) => written.push(text), writeOut: () => {} });
  try {
    program.configureOutput({ writeErr: (text) => written.push(text), writeOut: () => {} });
    program.parse([...args], { from: "user" });
    return null;
  } catch (error) {
    // --help and --version end the command line as well.
    if (error instanceof CommanderError && error.exitCode === 0) return null;
    return written.join("") || "not accepted";
  }
}

it("shell blocks call programs, scripts, commands and options that exist", () => {
  const commands = checkedHere("sh").flatMap(({ at, code }) =>
    commandsOf(code).map((words) => ({ at, words })),
  );
  expect(commands.length).toBeGreaterThan(10);
  const wrong = commands.flatMap(({ at, words }) => {
    const problem = problemOf(words);
    return problem === null ? [] : [`${at}: ${words.join(" ")}: ${problem}`];
  });
  expect(wrong).toEqual([]);
  // Or the check could not fail.
  expect(problemOf(["npx", "webhooks", "list", "--stat", "dead"])).toContain("--stat");
  expect(problemOf(["npm", "run", "simulat"])).toBe("no script simulat");
});

it("commands within sentences exist, too", () => {
  const spans = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/`((?:npx webhooks|npm run) [^`\n]+)`/g)].map(
      ([, code = ""]) => ({ page, code }),
    ),
  );
  // Not those with a placeholder for the command or its argument.
  const known = spans.filter(
    ({ code }) => !/<command>|<shell>|<upload\||…|^npm run (-s|webhooks)$/.test(code),
  );
  expect(known.length).toBeGreaterThan(15);
  const wrong = known.flatMap(({ page, code }) =>
    commandsOf(code).flatMap((words) => {
      const problem = problemOf(words);
      // A sentence may name a command alone.
      return problem === null || problem.startsWith("error: missing required")
        ? []
        : [`${page}: ${code}: ${problem}`];
    }),
  );
  expect(wrong).toEqual([]);
});

it("the changelog has a section for each release, and the newest is the version of package.json", () => {
  const changelog = readFileSync(join(root, "docs/CHANGELOG.md"), "utf8");
  const titles = [...changelog.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => title);
  const releases = titles.filter((title) => title !== "Unreleased");
  for (const title of releases) expect(title).toMatch(/^\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)$/);
  expect(releases[0]).toMatch(new RegExp(`^${manifest.version.replaceAll(".", "\\.")} `));
});

it("links between pages lead to a page and a heading that exist", () => {
  const anchors = (page: string) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    );
  const broken = pages.flatMap((page) =>
    [
      ...readFileSync(join(root, page), "utf8").matchAll(/\]\(((?!https?:)[^)#\s]*)(?:#([^)\s]+))?\)/g),
    ].flatMap(([link, path = "", anchor]) => {
      const target = path === "" ? page : join(dirname(page), path);
      const isThere = existsSync(join(root, target));
      const isAnchor = anchor === undefined || !target.endsWith(".md") || anchors(target).includes(anchor);
      return isThere && isAnchor ? [] : [`${page}: ${link}`];
    }),
  );
  expect(broken).toEqual([]);
});

it("the variables that a Deploy to Netlify button asks for are in the README", () => {
  const [, section = ""] =
    /^\[template\.environment\]\n((?:\w+ = ".+"\n)+)/m.exec(
      readFileSync(join(root, "netlify.toml"), "utf8"),
    ) ?? [];
  const names = [...section.matchAll(/^(\w+) = /gm)].map(([, name = ""]) => name);
  expect(names).toEqual(expect.arrayContaining(["CLOUDINARY_URL", "DATABASE_URL", "OPERATOR_TOKEN"]));
  const readme = readFileSync(join(root, "README.md"), "utf8");
  for (const name of names) expect(readme).toMatch(new RegExp(`^\\| .*\`${name}\``, "m"));
});

it("each threat in docs/security.md names tests that exist, with their titles where it gives them", () => {
  const text = readFileSync(join(root, "docs/security.md"), "utf8");
  const table = /^## Threats and defences\n([\s\S]*?)^## /m.exec(text)?.[1] ?? "";
  const rows = table.split("\n").filter((line) => line.startsWith("| ") && !/^\| (Threat|---)/.test(line));
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows) {
    const [, threat = "", defence = "", tests = ""] = row.split(/(?<!\\)\|/);
    expect(threat.trim() && defence.trim(), row).not.toBe("");
    const named = [...tests.matchAll(/`(test\/[^`]+\.test\.ts)`(?: “([^”]+)”)?/g)];
    expect(named.length, row).toBeGreaterThan(0);
    for (const [, file = "", title] of named) {
      expect(existsSync(join(root, file)), `${threat}: ${file}`).toBe(true);
      if (title !== undefined) expect(readFileSync(join(root, file), "utf8"), title).toContain(title);
    }
  }
});
