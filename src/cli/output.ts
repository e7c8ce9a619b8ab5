import { isUtf8 } from "node:buffer";
import { styleText } from "node:util";
import Table from "cli-table3";
import { isObject } from "../lib/shared/json.ts";
import { masked, maskedValue } from "../lib/shared/masked.ts";

/** Makes text from notifications safe for a terminal: masks secrets and addresses, and escapes control characters and direction marks. */
export function printable(text: string): string {
  return masked(text).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** Prints a value as JSON, with secrets and addresses masked as in the console. Together with `printJsonLine` the only way to print JSON: test/structure.test.ts. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(maskedValue(withReadBytes(value)), null, 2));
}

/** The same on one line, for a stream of values (JSON Lines). */
export function printJsonLine(value: unknown): void {
  console.log(JSON.stringify(maskedValue(withReadBytes(value))));
}

/** The body of a record may come in base64, in which nothing is recognised: masked byte by byte. */
function withReadBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReadBytes);
  if (!isObject(value)) return value;
  if (value.encoding !== "base64" || typeof value.content !== "string")
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withReadBytes(part)]));
  const bytes = Buffer.from(value.content, "base64");
  const encoding = isUtf8(bytes) ? "utf8" : "latin1";
  const content = Buffer.from(masked(bytes.toString(encoding)), encoding).toString("base64");
  return { ...value, content };
}

/** No borders; two spaces between columns. */
const layout = {
  chars: {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: "  ",
  },
  style: { "padding-left": 0, "padding-right": 0, border: [] },
};

/** Rows as aligned columns, a line each. Cells may hold wide characters and colours. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const table = new Table(layout);
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

type Style = Parameters<typeof styleText>[0];

/** Styled if stdout is a terminal and NO_COLOR is not set. */
export const styled = (style: Style, text: string): string =>
  styleText(style, text, { stream: process.stdout });

/** The name of a delivery's state, in a colour if it needs attention. */
export function styledState(state: string): string {
  if (state === "dead") return styled("red", state);
  return state === "held" ? styled("yellow", state) : state;
}
