import type * as z from "zod";
import { instant, instantOrUnixTime } from "../notifications/instant.ts";
import { parse } from "../notifications/parse.ts";
import { registry } from "../notifications/registry.ts";
import { isNotificationType } from "../notifications/types.ts";
import { isFailedUpload } from "../shared/failed-upload.ts";
import { isObject } from "../shared/json.ts";
import { own } from "../shared/own.ts";
import { isKnownField } from "./known-fields.ts";
import { nameSample, sampleOf } from "./sample.ts";

/** Something in a body that its schema does not know. Holds no content of the body: samples and paths are masked. */
export interface Drift {
  /** An unknown type, a field that is in no schema, a value that was tolerated, or one because of which the body was rejected. */
  kind: "type" | "field" | "value" | "schema";
  type: string;
  /** `moderation[].response`; positions in lists, and keys such as public ids, are left out. */
  path: string;
  sample: string;
}

/** Of one notification. A body with thousands of assets has the same finding in each. */
const maxFindings = 50;
/** Of a list, or of an object by public id, that many entries are looked at. */
const maxEntries = 20;

/** What a recorded body has that its schema does not know. `latest` as in `parse`. Never throws. */
export function findDrift(body: Uint8Array, latest: Date | null): Drift[] {
  const parsed = parse(body, latest);
  if (!parsed.ok) return rejected(body, parsed.issues);
  const { notification } = parsed;
  if (notification.type === "unknown") {
    const name = nameSample(notification.name);
    return [{ kind: "type", type: name, path: "notification_type", sample: `"${name}"` }];
  }
  // A template of the team's own, or no JSON: nothing that Cloudinary has changed.
  if (notification.type === "custom" || notification.type === "unreadable") return [];
  const { type } = notification;
  const found = new Findings(type);
  walk(registry[type].schema, notification.body, "", found);
  for (const path of notification.clamped ?? [])
    found.add("value", path.replaceAll(/\[\d+\]|\["[^"]*"\]/g, "[]"), "later than its signature");
  return found.all();
}

class Findings {
  readonly type: string;
  readonly #found = new Map<string, Drift>();

  constructor(type: string) {
    this.type = type;
  }

  add(kind: Drift["kind"], path: string, sample: string): void {
    const key = `${kind} ${path}`;
    if (this.#found.size < maxFindings && !this.#found.has(key))
      this.#found.set(key, { kind, type: this.type, path, sample });
  }

  all(): Drift[] {
    return [...this.#found.values()];
  }
}

/** The fields because of which a body does not match its schema. */
function rejected(body: Uint8Array, issues: readonly { path: string }[]): Drift[] {
  const json: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
  if (!isObject(json)) return [];
  const named = isFailedUpload(json) ? "error" : (json.notification_type ?? "upload");
  if (typeof named !== "string" || !isNotificationType(named)) return [];
  const found = new Findings(named);
  for (const issue of issues) {
    let at: unknown = json;
    let schema: unknown = registry[named].schema;
    let path = "";
    for (const part of issue.path.match(/(?<=\[")[^"]*(?="\])|[^.[\]"]+/g) ?? []) {
      const { def, entry } = described(schema);
      at = typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined;
      const isField = def.type === "object";
      schema = isField ? own(def.shape ?? {}, part) : (entry ?? def.element);
      // Keys that no schema names can be public ids.
      path += isField && schema !== undefined ? `${path === "" ? "" : "."}${part}` : "[]";
      if (schema === undefined) break;
    }
    found.add("schema", path, at === undefined ? "missing" : sampleOf(at));
  }
  return found.all();
}

/** zod's own description of a schema, as far as the schemas of notifications use it. */
interface Described {
  def: { type: string; innerType?: Described; shape?: Record<string, Described>; element?: Described };
  meta(): { entry?: z.ZodType } | undefined;
}

function walk(schema: unknown, value: unknown, path: string, found: Findings): void {
  if (value === null || value === undefined) return;
  const { def, entry } = described(schema);
  if (def.type === "object" && isObject(value)) {
    for (const [key, part] of Object.entries(value)) {
      const inner = own(def.shape ?? {}, key);
      const at = `${path === "" ? "" : `${path}.`}${inner === undefined ? nameSample(key) : key}`;
      if (inner !== undefined) walk(inner, part, at, found);
      else if (!isKnownField(found.type, at)) found.add("field", at, sampleOf(part));
    }
  } else if (def.type === "array" && Array.isArray(value)) {
    for (const item of value.slice(0, maxEntries)) walk(def.element, item, `${path}[]`, found);
  } else if (entry !== undefined && typeof value === "object") {
    for (const item of Object.values(value).slice(0, maxEntries)) walk(entry, item, `${path}[]`, found);
  } else tolerated(path, value, found);
}

/** Without what makes it optional. */
function described(schema: unknown) {
  // zod types describe themselves by `def`, whose kinds are many more than the schemas of notifications use.
  let one = schema as Described;
  while ((one.def.type === "optional" || one.def.type === "nullable") && one.def.innerType !== undefined)
    one = one.def.innerType;
  return { def: one.def, entry: one.meta()?.entry };
}

/** Cloudinary's words for a field, by the end of its path. Other words are handled like an unknown one. */
const vocabularies = new Map<string, readonly string[]>([
  ["resource_type", ["image", "video", "raw"]],
  ["moderation_status", ["queued", "pending", "approved", "rejected", "aborted"]],
  ["moderation[].status", ["queued", "pending", "approved", "rejected", "aborted"]],
  ["eager[].status", ["processing", "pending", "queued", "complete", "failed"]],
  ["info_status", ["complete", "pending", "processing", "failed"]],
  ["access_control[].access_type", ["anonymous", "token"]],
]);
const instants = /(?:^|[._])(?:timestamp|triggered_at|created_at|updated_at|uploaded_at)$/;

function tolerated(path: string, value: unknown, found: Findings): void {
  for (const [end, words] of vocabularies)
    if (typeof value === "string" && endsWith(path, end) && !words.includes(value))
      found.add("value", path, `"${nameSample(value)}"`);
  if (instants.test(path) && (path === "timestamp" ? instantOrUnixTime(value) : instant(value)) === undefined)
    found.add("value", path, sampleOf(value));
  const isText = path === "request_id" || path === "signature_key";
  if ((isText && typeof value === "number") || (endsWith(path, "version") && typeof value === "string"))
    found.add("value", path, sampleOf(value));
}

const endsWith = (path: string, end: string): boolean =>
  path === end || path.endsWith(`.${end}`) || path.endsWith(`_${end}`);
