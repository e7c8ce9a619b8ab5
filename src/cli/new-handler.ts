import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "./user-error.ts";

const listPath = "src/handlers/list.ts";

export interface NewHandler {
  /** Paths from the folder of the project. */
  written: string[];
  changed: string[];
}

/** Writes a handler, its test and its page, and adds it to the list. Throws `UserError`, and then nothing is changed. */
export async function newHandler(folder: string, name: string): Promise<NewHandler> {
  checkName(name);
  const list = await readList(folder);
  const files = new Map([
    [`src/handlers/${name}/handler.ts`, handlerFile(name)],
    [`test/handlers/${name}.test.ts`, testFile(name)],
    [`docs/${name}.md`, page(name)],
  ]);
  const taken = [`src/handlers/${name}`, ...files.keys()].find((path) => existsSync(join(folder, path)));
  if (taken !== undefined) throw new UserError(`${taken} exists already. Choose another name.`);
  const registered = withHandler(list, name);
  for (const [path, text] of files) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text, { flag: "wx" });
  }
  await writeFile(join(folder, listPath), registered);
  await sortImports(folder);
  return { written: [...files.keys()], changed: [listPath] };
}

function checkName(name: string): void {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= 50) return;
  const meant = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[-\d]+|-+$/g, "")
    .slice(0, 50);
  throw new UserError(
    `${JSON.stringify(name)} cannot be the name of a handler: use lower case letters, digits and single hyphens, at most 50 characters.${
      meant === "" ? "" : `\n(Did you mean ${meant}?)`
    }`,
    2,
  );
}

async function readList(folder: string): Promise<string> {
  const manifest = await readText(join(folder, "package.json"));
  const list = await readText(join(folder, listPath));
  if (manifest === null || list === null || !/"name":\s*"cloudinary-webhooks"/.test(manifest))
    throw new UserError(
      `This is not the folder of the receiver: it needs package.json and ${listPath}. Change to your copy of the repository.`,
    );
  return list;
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function withHandler(list: string, name: string): string {
  const constant = constantOf(name);
  const array = /^export const handlers = \[([\s\S]*?),?\s*\] as const;$/m.exec(list);
  if (array === null)
    throw new UserError(
      `${listPath} has no line \`export const handlers = [\`. Nothing was changed; add the handler by hand (docs/handlers.md).`,
    );
  const [all, entries = ""] = array;
  const lines = entries
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const longer = `export const handlers = [\n${[...lines, constant].map((entry) => `  ${entry},\n`).join("")}] as const;`;
  return `import { ${constant} } from "./${name}/handler.ts";\n${list.replace(all, () => longer)}`;
}

/** By the formatter of the project, which is not there after an install without development packages. */
async function sortImports(folder: string): Promise<void> {
  const biome = join(folder, "node_modules/@biomejs/biome/bin/biome");
  if (!existsSync(biome)) return;
  await promisify(execFile)(process.execPath, [biome, "check", "--write", listPath], { cwd: folder }).catch(
    () => undefined, // `npm run fix` sorts them as well.
  );
}

/** `press-office`: `pressOfficeHandler`. */
const constantOf = (name: string): string =>
  `${name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}Handler`;

function handlerFile(name: string): string {
  return `import { defineHandler } from "../../lib/deliveries/define-handler.ts";

/** Write here what it does. docs/handlers.md describes what it gets, and the ways to end. */
export const ${constantOf(name)} = defineHandler({
  name: "${name}",
  async handle({ content }, { deliveryId, attempt }) {
    const [asset] = content.assets;
    if (asset === undefined) return { kind: "skip", reason: "no-asset" };
    return { kind: "done", result: { publicId: asset.public_id ?? null, deliveryId, attempt } };
  },
});
`;
}

function testFile(name: string): string {
  const constant = constantOf(name);
  const names = `../../src/handlers/${name}/handler.ts`;
  return `import { ${constant} } from "${names}";
import { uploadBody } from "../support/bodies.ts";
import { handlerContract } from "../support/handler-contract.ts";

handlerContract(${constant}, {
  body: uploadBody,
  // "held" once it calls markSending.
  lostAttempt: "repeated",
  async open({ db }) {
    return {
      // The environment variables that the handler declares.
      variables: {},
      // Write here how often the effect has happened. Without one, deliveries that are done are counted.
      async count() {
        const { rows } = await db.query<{ n: number }>(
          "select count(*)::int as n from deliveries where state = 'done'",
        );
        return rows[0]?.n ?? 0;
      },
    };
  },
});
`;
}

function page(name: string): string {
  return `# ${name}

What the handler \`${name}\` does, and why your team has it.

- **Notifications**: which types are routed to it in \`src/settings.ts\`, and which it skips.
- **Settings and variables**: what they mean. [handlers.md](handlers.md) says how to declare them.
- **When it fails**: what an operator should do about deliveries that are on hold or failed permanently.
`;
}
