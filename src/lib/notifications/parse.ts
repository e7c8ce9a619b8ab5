import { withPrefix } from "../shared/asset-prefix.ts";
import { isFailedUpload } from "../shared/failed-upload.ts";
import { isObject, type JsonObject } from "../shared/json.ts";
import { decodeUtf8 } from "../shared/utf8.ts";
import type { Asset } from "./asset.ts";
import { parseExact } from "./big-numbers.ts";
import { clamp } from "./clamp.ts";
import type { Issue } from "./define.ts";
import type { CloudinaryNotification, UnreadableNotification } from "./notification.ts";
import { registry } from "./registry.ts";
import { isNotificationType } from "./types.ts";

export type Parsed = { ok: true; notification: CloudinaryNotification } | { ok: false; issues: Issue[] };

/**
 * Parses a recorded body. Never throws: a body that is not a JSON object, or has an unknown type, is also a notification.
 * `ok: false` means that the type is known, but a field is missing or wrong; `issues` contains the paths.
 * `latest`: later values in the body are lowered to it and listed in `clamped` (see `ceiling`); null: no limit.
 * `assetPrefix`: in front of the ids of its assets (see asset-prefix.ts); stored with each notification.
 */
export function parse(body: Uint8Array, latest: Date | null, assetPrefix = ""): Parsed {
  const read = readJson(body);
  if (!read.ok) return { ok: true, notification: { type: "unreadable", reason: read.reason, assets: [] } };
  const { json } = read;
  const clamped = latest === null ? [] : clamp(json, latest);
  const parsed = readAs(json);
  if (parsed.ok && clamped.length > 0) parsed.notification.clamped = clamped;
  if (parsed.ok) for (const asset of parsed.notification.assets) prefixIds(asset, assetPrefix);
  return parsed;
}

function prefixIds(asset: Asset, prefix: string): void {
  asset.identity = withPrefix(prefix, asset.identity);
  if (asset.asset_id !== undefined) asset.asset_id = withPrefix(prefix, asset.asset_id);
}

function readAs(json: JsonObject): Parsed {
  const name = typeName(json);
  if (name === undefined) return { ok: true, notification: { type: "custom", body: json, assets: [] } };
  if (isNotificationType(name)) return registry[name].check(json);
  return { ok: true, notification: { type: "unknown", name, body: json, assets: [] } };
}

type Reading = { ok: true; json: JsonObject } | { ok: false; reason: UnreadableNotification["reason"] };

function readJson(body: Uint8Array): Reading {
  if (body.length === 0) return { ok: false, reason: "empty" };
  let text: string;
  try {
    text = decodeUtf8(body);
  } catch {
    return { ok: false, reason: "not-utf-8" };
  }
  if (text.startsWith("\u{feff}")) return { ok: false, reason: "byte-order-mark" };
  try {
    const json = parseExact(text);
    return isObject(json) ? { ok: true, json } : { ok: false, reason: "not-an-object" };
  } catch {
    return { ok: false, reason: "not-json" };
  }
}

/**
 * Before `notification_type` existed, the body of an upload notification was the response of the upload call.
 * `envelope` detects this without a schema, before the answer; a test checks that both agree.
 */
function typeName(json: JsonObject): string | undefined {
  if (isFailedUpload(json)) return "error";
  const { notification_type: name, public_id: publicId, resource_type: resourceType, version } = json;
  if (typeof name === "string" && name !== "") return name;
  const texts = [publicId, resourceType].every((text) => typeof text === "string" && text !== "");
  const number = typeof version === "string" && /^\d{1,16}$/.test(version) ? Number(version) : version;
  const versioned = typeof number === "number" && Number.isSafeInteger(number) && number >= 0;
  return texts && versioned ? "upload" : undefined;
}
