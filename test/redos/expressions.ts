import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Expression {
  pattern: string;
  flags: string;
  /** The files that have it, from the root. */
  files: string[];
}

/** `/pattern/flags` */
export const written = ({ pattern, flags }: Pick<Expression, "pattern" | "flags">): string =>
  `/${pattern}/${flags}`;

interface Node {
  type?: string;
  regex?: { pattern: string; flags: string };
  callee?: { type: string; name?: string };
  start?: number;
  end?: number;
}

/** Every regular expression of the source, read from its syntax tree; and the calls that make one from text. */
export function expressions(): { literals: Expression[]; made: { file: string; call: string }[] } {
  const literals = new Map<string, Expression>();
  const made: { file: string; call: string }[] = [];
  for (const path of sources()) {
    const file = relative(root, path);
    const text = readFileSync(path, "utf8");
    const { program, errors } = parseSync(file, text);
    if (errors.length > 0) throw new Error(`${file} cannot be parsed`);
    visit(program, (node) => {
      if (node.type === "Literal" && node.regex) {
        const found = literals.get(written(node.regex)) ?? { ...node.regex, files: [] };
        if (!found.files.includes(file)) found.files.push(file);
        literals.set(written(node.regex), found);
      }
      const isCall = node.type === "NewExpression" || node.type === "CallExpression";
      if (isCall && node.callee?.name === "RegExp")
        made.push({ file, call: text.slice(node.start, node.end) });
    });
  }
  return { literals: [...literals.values()], made };
}

function sources(): string[] {
  return ["src", "netlify"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(
        (entry) => entry.isFile() && /\.(ts|tsx|js)$/.test(entry.name) && !entry.name.includes(".generated."),
      )
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted(),
  );
}

function visit(value: unknown, look: (node: Node) => void): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) look(value);
  for (const part of Object.values(value)) visit(part, look);
}
