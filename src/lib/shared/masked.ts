import { redact } from "./redact.ts";
import { holdsPairsValue, isSecretName, isSecretParameter, namesPair } from "./secret-names.ts";

/**
 * Masks secrets and tokens by the name of their field, and by format anywhere in a text (tokens in URLs, credentials, e-mail
 * addresses). Used for everything that is displayed: console, export, mails, CLI. Operators can download the exact bytes.
 *
 * Two values are intentionally visible. The signature of a delivery URL (`s--…--`) is public: it is part of a URL that browsers load,
 * and is valid only for that picture. An API key (`api_key`, `signature_key`) identifies an application like a user name; it is useless
 * without its secret, and operators need it to find the sender.
 */
export function masked(text: string): string {
  return maskedText(text, 0);
}

/** The same for a value that will be serialised as JSON: masks by member name, and within strings. */
export function maskedValue<T>(value: T): T;
export function maskedValue(value: unknown): unknown {
  if (typeof value === "string") return masked(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => maskedValue(item));
  const entries = Object.entries(value);
  const namesSecret = entries.some(
    ([name, part]: [string, unknown]) => typeof part === "string" && namesPair(name) && isSecretName(part),
  );
  return Object.fromEntries(
    entries.map(([name, part]: [string, unknown]) => [
      masked(name),
      !isNothing(part) && (isSecretName(name) || (namesSecret && holdsPairsValue(name)))
        ? mask
        : maskedValue(part),
    ]),
  );
}

const mask = "[masked]";

/** Empty values and booleans are not secrets. */
const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || typeof value === "boolean";

/** The maximum depth of JSON within JSON strings; deeper content is masked completely. */
const deepestEscapes = 4;

function maskedText(text: string, depth: number): string {
  return byShape(text.includes('"') ? byName(text, depth) : text);
}

interface Edit {
  start: number;
  end: number;
  by: string;
}

/** An object or array that is open at the current position. */
interface Frame {
  /** Another member says that the value of this pair is a secret. */
  namesSecret: boolean;
  /** The values of `value` and similar members; the last one is open until its end is read. */
  values: { start: number; end: number | null }[];
}

/** Masks values of secret members in text that is JSON, or truncated JSON. Masked JSON is still valid JSON. */
function byName(text: string, depth: number): string {
  const edits: Edit[] = [];
  const frames: Frame[] = [];
  const structure = /["{}[\]]/g;
  for (let found = structure.exec(text); found !== null; found = structure.exec(text)) {
    const at = found.index;
    const sign = text[at];
    if (sign === "{" || sign === "[") frames.push({ namesSecret: false, values: [] });
    else if (sign === "}" || sign === "]") edits.push(...closed(frames.pop(), text, at));
    else structure.lastIndex = readString(text, at, { depth, edits, frame: frames.at(-1) });
  }
  for (const frame of frames) edits.push(...closed(frame, text, text.length));
  return edited(text, edits);
}

/** The next position: after a string, or after the value if the string is a secret name. */
function readString(
  text: string,
  at: number,
  { depth, edits, frame }: { depth: number; edits: Edit[]; frame: Frame | undefined },
): number {
  const end = endOfString(text, at);
  const literal = text.slice(at, end);
  const colon = skipSpace(text, end);
  if (text[colon] !== ":") {
    const clean = maskedLiteral(literal, depth);
    if (clean !== literal) edits.push({ start: at, end, by: clean });
    return end;
  }
  const name = unescaped(literal);
  const start = skipSpace(text, colon + 1);
  endOpenValue(frame, text, at);
  if (isSecretName(name)) {
    const last = endOfValue(text, start);
    if (!["", "null", '""', "true", "false"].includes(text.slice(start, last).trimEnd()))
      edits.push({ start, end: last, by: `"${mask}"` });
    return Math.max(last, end);
  }
  const clean = maskedLiteral(literal, depth);
  if (clean !== literal) edits.push({ start: at, end, by: clean });
  if (frame && namesPair(name) && text[start] === '"')
    frame.namesSecret ||= isSecretName(unescaped(text.slice(start, endOfString(text, start))));
  if (frame && holdsPairsValue(name)) frame.values.push({ start, end: null });
  return start;
}

/** Escapes in a string, such as `\u0040`, can hide a token or an address from the patterns. */
function maskedLiteral(literal: string, depth: number): string {
  if (!literal.includes("\\")) return literal;
  if (depth >= deepestEscapes) return `"${mask}"`;
  const text = unescaped(literal);
  const clean = maskedText(text, depth + 1);
  return clean === text ? literal : JSON.stringify(clean);
}

/** The value that ends before `at`, the start of the next name. */
function endOpenValue(frame: Frame | undefined, text: string, at: number): void {
  const open = frame?.values.at(-1);
  if (open && open.end === null) open.end = Math.max(open.start, text.lastIndexOf(",", at));
}

function closed(frame: Frame | undefined, text: string, at: number): Edit[] {
  if (!frame?.namesSecret) return [];
  return frame.values.flatMap(({ start, end }) => {
    const value = text.slice(start, end ?? at).trimEnd();
    return ["", "null", '""', "true", "false"].includes(value)
      ? []
      : [{ start, end: start + value.length, by: `"${mask}"` }];
  });
}

/** The outermost of nested edits. */
function edited(text: string, edits: readonly Edit[]): string {
  let out = "";
  let copied = 0;
  for (const { start, end, by } of edits.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (start < copied) continue;
    out += text.slice(copied, start) + by;
    copied = end;
  }
  return out + text.slice(copied);
}

/** The position after the closing quote of the string that starts at `start`; the end of the text if it is truncated. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** The position after the complete value that starts at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') {
      at = endOfString(text, at) - 1;
      if (depth === 0) return at + 1;
    } else if (sign === "{" || sign === "[") depth += 1;
    else if (sign === "}" || sign === "]") {
      depth -= 1;
      if (depth <= 0) return depth === 0 ? at + 1 : at;
    } else if (depth === 0 && (sign === "," || sign === "\n")) return at;
  }
  return text.length;
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && " \t\r\n".includes(text[next] ?? "")) next += 1;
  return next;
}

/** The content of a JSON string; of a truncated or invalid one, the readable part. */
function unescaped(literal: string): string {
  if (!literal.includes("\\")) return literal.slice(1, literal.endsWith('"') ? -1 : undefined);
  try {
    return String(JSON.parse(literal));
  } catch {
    const inner = literal.slice(1).replace(/"$/, "");
    return inner.replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, code?: string, sign?: string) =>
      code === undefined ? (sign ?? "") : String.fromCharCode(Number.parseInt(code, 16)),
    );
  }
}

/** Ordinary words have no digits and one case, and are short; secrets do not look like that. */
const looksOpaque = (word: string): boolean =>
  word.length >= 16 || (word.length >= 8 && (/\d/.test(word) || (/[a-z]/.test(word) && /.[A-Z]/.test(word))));

type Replacement = string | ((all: string, ...groups: string[]) => string);

/** The first expression matches wherever the second does, in a fraction of the time, and hardly anywhere else. */
type Shape = [sign: RegExp, shape: RegExp, by: Replacement];

// Every repetition is bounded or ends at a character of another class, so that matching takes linear time.
const shapes: Shape[] = [
  // Parameters of URLs, forms, cookies and Cloudinary's context (`sku=1|token=…`), also percent-encoded within another parameter.
  [
    /[=%]/,
    /(?<![\w.%-])([\w.-]{1,60}(?:\[[\w.-]{0,40}\])?)(=|%3D)((?:\\[|=]|%(?!26|7C)|[^|&#;,%\s"'<>\\]|[,;](?![\w.-]{1,60}=))+)/gi,
    (all, name = "", equals = "") =>
      isSecretParameter(name.replace(/[[\]]/g, "_")) ? `${name}${equals}${mask}` : all,
  ],
  [
    /%/,
    /(?<=%(?:3F|26|7C))([\w.-]{1,60})(=|%3D)((?:%(?!26|7C)|[^|&#;,%\s"'<>\\])+)/gi,
    (all, name = "", equals = "") => (isSecretParameter(name) ? `${name}${equals}${mask}` : all),
  ],
  [/=/, /(\bhmac=)(?!\[)[^&#\s"'<>\\]+/gi, `$1${mask}`],
  [
    /B(?:earer|asic)/i,
    /(\b(?:Bearer|Basic)(?:\s{1,4}|%20|\+))([\w.~+/=-]{8,})/gi,
    (all, scheme = "", value = "") => (looksOpaque(value) ? `${scheme}${mask}` : all),
  ],
  // A line of a header, or `token: …` in a sentence.
  [
    /:/,
    /(?<![\w-])([\w-]{1,60})(\s?:\s{0,4})([^\s"'{}[\]\\,;]{8,})/g,
    (all, name = "", colon = "", value = "") =>
      isSecretName(name) && looksOpaque(value) && !value.startsWith("//") ? `${name}${colon}${mask}` : all,
  ],
  [/SG\./, /(?<![\w-])SG\.[\w-]{16,}(?:\.[\w-]+)?/g, mask],
  [/whsec_/, /\bwhsec_[\w+/=-]{8,}/g, mask],
  [/eyJ/, /(?<![\w-])eyJ[\w-]{8,4000}\.[\w-]+(?:\.[\w-]*)?/g, mask],
];

function byShape(text: string): string {
  let clean = redact(text);
  for (const [sign, shape, by] of shapes)
    if (sign.test(clean))
      clean = typeof by === "string" ? clean.replace(shape, by) : clean.replace(shape, by);
  return clean;
}
