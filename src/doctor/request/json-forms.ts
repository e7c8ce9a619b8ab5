/** Ways in which programs write the same JSON. Work on its text, so that numbers such as 1.0 stay as they are. */
export interface JsonForm {
  /** What the text looks like; "" for as it is. */
  name: string;
  /** null: not JSON. */
  write: (text: string) => string | null;
}

export const spacings: readonly JsonForm[] = [
  { name: "", write: (text) => text },
  { name: "without spaces between values", write: (text) => join(text, { colon: ":", comma: "," }) },
  {
    name: "with a space after each colon and comma",
    write: (text) => join(text, { colon: ": ", comma: ", " }),
  },
  { name: "indented by two spaces", write: (text) => indent(text, "  ") },
  { name: "indented by four spaces", write: (text) => indent(text, "    ") },
  { name: "as JSON.stringify writes it", write: parsedAndWritten },
];

export const slashes: readonly JsonForm[] = [
  { name: "", write: (text) => text },
  { name: "with escaped slashes (\\/)", write: (text) => text.replace(/\\\/|\//g, "\\/") },
  {
    name: "without escaped slashes",
    write: (text) => text.replace(/\\([\s\S])/g, (both, sign) => (sign === "/" ? "/" : both)),
  },
];

export const escapes: readonly JsonForm[] = [
  { name: "", write: (text) => text },
  { name: "with \\u escapes for non-ASCII characters", write: (text) => escaped(text, (hex) => hex) },
  {
    name: "with upper-case \\u escapes for non-ASCII characters",
    write: (text) => escaped(text, (hex) => hex.toUpperCase()),
  },
  {
    name: "without \\u escapes",
    write: (text) =>
      text.replace(/\\(u([0-9a-fA-F]{4})|[\s\S])/g, (all, _escape, hex?: string) => {
        const code = hex === undefined ? 0 : Number.parseInt(hex, 16);
        return code > 0x7f ? String.fromCharCode(code) : all;
      }),
  },
];

function escaped(text: string, spelling: (hex: string) => string): string {
  return text.replace(
    /[^\0-\x7f]/g,
    (sign) => `\\u${spelling(sign.charCodeAt(0).toString(16).padStart(4, "0"))}`,
  );
}

function parsedAndWritten(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Strings, marks and literals in their order; null: something else is between them. */
function tokens(text: string): string[] | null {
  const found = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  return found.join("").length ===
    text.replace(/"(?:[^"\\]|\\.)*"|\s/g, (part) => (part.startsWith('"') ? part : "")).length &&
    found.length > 0
    ? found
    : null;
}

function join(text: string, { colon, comma }: { colon: string; comma: string }): string | null {
  const found = tokens(text);
  return found?.map((token) => (token === ":" ? colon : token === "," ? comma : token)).join("") ?? null;
}

function indent(text: string, unit: string): string | null {
  const found = tokens(text);
  if (found === null) return null;
  let depth = 0;
  let out = "";
  for (const [index, token] of found.entries()) {
    const next = found[index + 1];
    const line = () => `\n${unit.repeat(Math.max(depth, 0))}`;
    if (token === "{" || token === "[") {
      depth += 1;
      out += next === "}" || next === "]" ? token : token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      const previous = found[index - 1];
      out += previous === "{" || previous === "[" ? token : line() + token;
    } else if (token === ",") out += token + line();
    else out += token === ":" ? ": " : token;
  }
  return out;
}
