import { isObject } from "../shared/json.ts";
import type { WireContext, WireMetadata } from "./wire.ts";

/** Contextual metadata, flat. Without a prototype, because users can choose any key, including `__proto__`. */
export type Context = Record<string, string>;

/** Structured metadata by external id. Without a prototype, like `Context`. */
export type Metadata = Record<string, unknown>;

export function emptyRecord<V>(): Record<string, V> {
  return Object.create(null);
}

/** `{custom: {...}}`, a flat object, `"a=b|c=d"` or a list of `{name, value}`, as one flat object. Null means that there is none. */
export function readContext(wire: WireContext): Context {
  if (wire === null) return emptyRecord();
  if (typeof wire === "string") return fromText(wire);
  const context: Context = emptyRecord();
  if (isObject(wire)) {
    const custom = wire.custom === null ? {} : wire.custom;
    for (const [key, value] of Object.entries(isObject(custom) ? custom : wire)) context[key] = asText(value);
    return context;
  }
  for (const item of wire) {
    if (!isObject(item)) continue;
    const name = item.name ?? item.key;
    if (typeof name === "string") context[name] = asText(item.value);
  }
  return context;
}

/** The names in a list of names, a list of `{name, value}` or an object. */
export function readNames(wire: WireContext): string[] {
  if (wire === null) return [];
  if (typeof wire !== "string" && !isObject(wire) && wire.every((item) => typeof item === "string"))
    return [...wire];
  return Object.keys(readContext(wire));
}

/** An object by external id, or a list of `{external_id, value}` (or `id`), as one object. */
export function readMetadata(wire: WireMetadata): Metadata {
  const metadata: Metadata = emptyRecord();
  if (wire === null) return metadata;
  if (isObject(wire)) {
    for (const [key, value] of Object.entries(wire)) metadata[key] = value;
    return metadata;
  }
  for (const item of wire) {
    if (!isObject(item)) continue;
    const id = item.external_id ?? item.id;
    if (typeof id === "string") metadata[id] = item.value ?? null;
  }
  return metadata;
}

/** The format of the Upload API: pairs are separated by `|`, key and value by the first `=`; both can be escaped with a backslash. */
function fromText(text: string): Context {
  const context: Context = emptyRecord();
  for (const pair of splitAt("|", text)) {
    const [key = "", ...rest] = splitAt("=", pair);
    if (key !== "") context[unescaped(key)] = unescaped(rest.join("="));
  }
  return context;
}

/** Split without a regular expression: a pattern with repeated alternatives overflows the stack for long texts. */
function splitAt(separator: string, text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = text.indexOf(separator); at !== -1; at = text.indexOf(separator, at + 1)) {
    if (text[at - 1] === "\\") continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  return [...parts, text.slice(start)];
}

function unescaped(text: string): string {
  return text.replace(/\\([|=])/g, "$1");
}

/** Cloudinary stores text. Nested values are kept only in the body. */
function asText(value: unknown): string {
  return typeof value === "object" || value === undefined ? "" : String(value);
}
