import { redact } from "./redact.ts";

/**
 * Hides what a person who reads a notification does not need and must not pass on: secrets and tokens by the name they
 * stand under, and by shape wherever they stand (tokens in URLs, credentials, e-mail addresses). For everything that is
 * shown: console, export, mails, CLI. The exact bytes stay a download for operators.
 *
 * Two things stay visible on purpose. The signature of a delivery URL (`s--…--`) is public: it is part of an address
 * that browsers load, and opens nothing but that one picture. An API key (`api_key`, `signature_key`) identifies an
 * application as a user name does; without its secret it opens nothing, and operators need it to find who sent something.
 */
export function masked(text: string): string {
  return byShape(byName(text));
}

/** The same for a value that will be JSON: names of members count, and texts in it are looked into. */
export function maskedValue<T>(value: T): T;
export function maskedValue(value: unknown): unknown {
  if (typeof value === "string") return masked(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => maskedValue(one));
  const entries = Object.entries(value).map(([name, part]: [string, unknown]) => [
    name,
    part !== null && part !== undefined && part !== "" && isSecretName(name) ? mask : maskedValue(part),
  ]);
  return Object.fromEntries(entries);
}

const mask = "[masked]";

const secretEndings = [
  "token",
  "tokens",
  "secret",
  "secrets",
  "signature",
  "password",
  "passwd",
  "passphrase",
  "credential",
  "credentials",
  "authorization",
  "accesskey",
  "privatekey",
  "secretkey",
  "cookie",
];

/** By its ending, in any case and spelling: `deleteToken`, `DELETE_TOKEN`, `delete-token`. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  return secretEndings.some((ending) => plain.endsWith(ending));
}

/** In text that is JSON, or was before it was cut: what stands under the name of a secret. Masked JSON is still JSON. */
function byName(text: string): string {
  let out = "";
  let copied = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    const end = endOfString(text, at);
    const colon = skipSpace(text, end);
    if (text[colon] !== ":" || !isSecretName(unescaped(text.slice(at, end)))) {
      at = end;
      continue;
    }
    const start = skipSpace(text, colon + 1);
    const last = endOfValue(text, start);
    const value = text.slice(start, last);
    if (value !== "" && value !== "null" && value !== '""') {
      out += `${text.slice(copied, start)}"${mask}"`;
      copied = last;
    }
    at = Math.max(last, end);
  }
  return out + text.slice(copied);
}

/** After the closing quote of the string that opens at `start`; the end of the text where it was cut. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** After the value that begins at `start`, with all that is in it. */
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

/** A name may be spelled with escapes, `signatur\u0065`. */
function unescaped(literal: string): string {
  if (!literal.includes("\\")) return literal;
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}

// Every repetition is bounded or ends at a character of another kind, so that no text takes longer than its length.
const shapes: [RegExp, string][] = [
  // JSON within a JSON string: \"token\": \"…\"
  [
    /(\\{1,8}"[\w-]{0,40}(?:token|secret|signature|password)\\{1,8}"\s{0,9}:\s{0,9}\\{1,8}")[^"\\]+/gi,
    `$1${mask}`,
  ],
  // Parameters of URLs and forms: Cloudinary's, and those of AWS, Google and Azure.
  [
    /((?:[?&;#]|\\u0026|^)(?:[\w.-]{0,40}(?:token|signature|secret|password|credential|authorization)|sig|key|auth|access_key|__cld_token__)=)[^&#\s"'<>\\]+/gi,
    `$1${mask}`,
  ],
  [/(__cld_token__=|\bhmac=)(?!\[)[^&#\s"'<>\\]+/gi, `$1${mask}`],
  [/(\b(?:Bearer|Basic) )[\w.~+/=-]{8,}/g, `$1${mask}`],
  [/(?<![\w-])SG\.[\w-]{8,}(?:\.[\w-]+)?/g, mask],
  [/\bwhsec_[\w+/=-]{8,}/g, mask],
  [/(?<![\w-])eyJ[\w-]{8,4000}\.[\w-]+(?:\.[\w-]*)?/g, mask],
];

function byShape(text: string): string {
  return shapes.reduce((clean, [shape, by]) => clean.replace(shape, by), redact(text));
}
