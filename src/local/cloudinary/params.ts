import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy } from "@fastify/busboy";
import { ApiError, missing } from "./api-error.ts";
import type { Json } from "./json.ts";

/** The parameters of a call, in any of the three encodings. */
export interface Params {
  /** Everything except the file. `k[]`, repeated keys and JSON arrays become lists. */
  fields: ReadonlyMap<string, string | readonly string[]>;
  file: File | null;
  text(name: string): string | undefined;
  required(name: string): string;
  flag(name: string): boolean | undefined;
  list(name: string): string[];
  /** Parsed as JSON; returned as text if it is not JSON. */
  json(name: string): Json | undefined;
}

export function paramsOf(
  fields: ReadonlyMap<string, string | readonly string[]>,
  file: File | null = null,
): Params {
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    const joined = typeof value === "string" ? value : value?.join(",");
    return joined === "" ? undefined : joined;
  };
  return {
    fields,
    file,
    text,
    required(name) {
      const value = text(name);
      if (value === undefined) throw missing(name);
      return value;
    },
    flag(name) {
      const value = text(name);
      return value === undefined ? undefined : value === "true" || value === "1";
    },
    list(name) {
      const value = fields.get(name);
      if (value === undefined || value === "") return [];
      if (typeof value !== "string") return [...value];
      return value.startsWith("[") ? listIn(value) : [value];
    },
    json(name) {
      const value = fields.get(name);
      if (value === undefined || value === "") return undefined;
      return typeof value === "string" ? jsonOr(value) : [...value];
    },
  };
}

/** Parses a value as JSON, and returns other text unchanged, as for most parameters. */
export function jsonOr(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function listIn(text: string): string[] {
  const value = jsonOr(text);
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : [text];
}

/** Returns the same call with default parameters; parameters that it already has are kept. */
export function withDefaults(params: Params, defaults: Readonly<Record<string, string>>): Params {
  return paramsOf(new Map([...Object.entries(defaults), ...params.fields]), params.file);
}

/** Reads the query and the body of a request. */
export async function readParams(request: Request): Promise<Params> {
  const fields = new Map<string, string | string[]>();
  for (const [key, value] of new URL(request.url).searchParams) put(fields, key, value);
  if (request.method === "GET" || request.method === "HEAD") return paramsOf(fields);
  const contentType = request.headers.get("content-type") ?? "";
  if (contentType.startsWith("application/json")) {
    putJson(fields, await request.text());
    return paramsOf(fields);
  }
  if (!/^(multipart\/form-data|application\/x-www-form-urlencoded)/.test(contentType))
    return paramsOf(fields);
  let file: File | null = null;
  for (const [key, value] of await formOf(request)) {
    if (typeof value === "string") put(fields, key, value);
    else file = value;
  }
  return paramsOf(fields, file);
}

/**
 * Reads the fields and files of a form in order. File names keep their folders, and a field may be a large data URI.
 */
async function formOf(request: Request): Promise<[string, string | File][]> {
  const entries: [string, string | File][] = [];
  try {
    const form = new Busboy({
      headers: { "content-type": request.headers.get("content-type") ?? "" },
      limits: { fieldSize: Number.POSITIVE_INFINITY },
      preservePath: true,
    });
    form.on("field", (name, value) => entries.push([name, value]));
    form.on("file", (name, stream, fileName) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () =>
        entries.push([
          name,
          new File(
            chunks.map((chunk) => new Uint8Array(chunk)),
            fileName,
          ),
        ]),
      );
    });
    await pipeline(Readable.from(request.body ?? []), form);
  } catch (cause) {
    throw new ApiError(400, "Malformed body - not a form", { cause });
  }
  return entries;
}

function put(fields: Map<string, string | string[]>, key: string, value: string): void {
  const name = key.replace(/\[\d*\]$/, "");
  const before = fields.get(name);
  if (name === key && before === undefined) fields.set(name, value);
  else fields.set(name, [...(before === undefined ? [] : [before].flat()), value]);
}

function putJson(fields: Map<string, string | string[]>, text: string): void {
  if (text === "") return;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new ApiError(400, "Malformed body - not JSON", { cause });
  }
  if (typeof body !== "object" || body === null) throw new ApiError(400, "Malformed body - not an object");
  for (const [key, value] of Object.entries(body)) {
    if (value === null || value === undefined) continue;
    const flat = Array.isArray(value) && value.every((item) => typeof item === "string");
    fields.set(key, flat ? value : asText(value));
  }
}

const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Parses `a=b|c=d`, where `\` escapes `=` and `|`, or a JSON object. */
export function pairsOf(text: string): Record<string, string> {
  if (text.startsWith("{")) return pairsOfJson(text);
  return Object.fromEntries(
    text.split(/(?<!\\)\|/).map((part) => {
      const at = part.search(/(?<!\\)=/);
      if (at < 1) throw new ApiError(400, `Value ${text} is not a list of key=value pairs`);
      return [unescaped(part.slice(0, at)), unescaped(part.slice(at + 1))];
    }),
  );
}

function pairsOfJson(text: string): Record<string, string> {
  const parsed = jsonOr(text);
  if (typeof parsed !== "object" || parsed === null)
    throw new ApiError(400, `Value ${text} is not valid JSON`);
  return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, asText(value)]));
}

const unescaped = (text: string): string => text.replace(/\\([=|])/g, "$1");

/** Parses tags: comma-separated text or a list. */
export const tagsOf = (params: Params, name = "tags"): string[] => [
  ...new Set(
    params
      .list(name)
      .flatMap((value) => value.split(","))
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ""),
  ),
];
