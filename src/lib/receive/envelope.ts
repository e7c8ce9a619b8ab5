import { createHash } from "node:crypto";
import { storable } from "../database/jsonb.ts";
import { withPrefix } from "../shared/asset-prefix.ts";
import { versionAt } from "../shared/ceiling.ts";
import { isFailedUpload } from "../shared/failed-upload.ts";
import { isObject, type JsonObject, property } from "../shared/json.ts";
import { decodeUtf8 } from "../shared/utf8.ts";

/** The fields of a body that are needed to record it. The full schema is checked before a handler runs. */
export interface Envelope {
  identity: string;
  bodySha256: string;
  /** `custom` for a JSON object without a type, `unreadable` for anything that is not a JSON object. */
  type: string;
  assetId: string | null;
  publicId: string | null;
  version: number | null;
  requestId: string | null;
  /** In front of the asset ids (see asset-prefix.ts). */
  assetPrefix: string;
  /** Set if the body names several assets, or one asset with two names. */
  assets: EnvelopeAsset[];
}

export interface EnvelopeAsset {
  asset_id: string | null;
  public_id: string | null;
  version: number | null;
}

/**
 * Never throws: every signed body is recorded. A version later than `latest` is lowered to it (see ceiling.ts). With a prefix, the
 * notification is a different one from the same body of another cloud, so that neither hides the other as a repeat.
 */
export function envelope(body: Uint8Array, timestamp: string, latest: Date, assetPrefix = ""): Envelope {
  const object = readObject(body);
  const bodySha256 = sha256(body);
  if (!object)
    return {
      identity: assetPrefix + bodySha256,
      bodySha256,
      type: "unreadable",
      assetId: null,
      publicId: null,
      version: null,
      requestId: null,
      assetPrefix,
      assets: [],
    };
  const maxVersion = versionAt(latest);
  const assets = listAssets(object.resources, maxVersion, assetPrefix);
  const single = assets.length === 1 ? assets[0] : undefined;
  return {
    identity: assetPrefix + (namesItsEvent(object) ? bodySha256 : sha256(body, timestamp)),
    bodySha256,
    type: typeOf(object),
    assetId: idOf(object, assetPrefix) ?? single?.asset_id ?? null,
    publicId: text(object.public_id) ?? text(object.to_public_id) ?? single?.public_id ?? null,
    version: versionOf(object, maxVersion) ?? single?.version ?? null,
    requestId: text(object.request_id),
    assetPrefix,
    assets: assets.length > 1 ? assets : renamed(object, assetPrefix),
  };
}

/** Both names of a renamed asset, so that a search for the old name finds it as well. */
function renamed(object: JsonObject, assetPrefix: string): EnvelopeAsset[] {
  const names = [text(object.from_public_id), text(object.to_public_id)];
  if (object.notification_type !== "rename" || names.includes(null)) return [];
  return names.map((public_id) => ({ asset_id: idOf(object, assetPrefix), public_id, version: null }));
}

function idOf(object: JsonObject, assetPrefix: string): string | null {
  const id = text(object.asset_id);
  return id === null ? null : withPrefix(assetPrefix, id);
}

function readObject(body: Uint8Array): JsonObject | null {
  try {
    return asObject(JSON.parse(decodeUtf8(body)));
  } catch {
    return null; // Recorded as `unreadable`. The bytes are stored, so the error message is not needed.
  }
}

function asObject(value: unknown): JsonObject | null {
  return isObject(value) ? value : null;
}

/** In old environments, uploads have no notification_type. */
function typeOf(object: JsonObject): string {
  if (isFailedUpload(object)) return "error";
  const named = text(object.notification_type);
  if (named) return named;
  return text(object.public_id) && wholeNumber(object.version) !== null && text(object.resource_type)
    ? "upload"
    : "custom";
}

/**
 * Different events can have identical bodies if these contain no time (old deletes, tag changes). For them, the signed timestamp
 * distinguishes a new event from a repeat. The result of an add-on and a sprite exist once for each version, so the version identifies the event.
 */
function namesItsEvent(object: JsonObject): boolean {
  const context = asObject(object.notification_context);
  return (
    [
      object.timestamp,
      object.request_id,
      object.batch_id,
      object.moderation_updated_at,
      context?.triggered_at,
    ].some(isFilled) ||
    ofOneVersion.get(object.notification_type)?.every((name) => isFilled(property(object, name))) === true
  );
}

/** The fields that together identify the single event of a version, for types that have such fields (verified with real bodies). */
const ofOneVersion: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["info", ["asset_id", "version", "info_kind", "info_status"]],
  ["sprite", ["asset_id", "version"]],
]);

function isFilled(value: unknown): boolean {
  return (typeof value === "string" && value !== "") || wholeNumber(value) !== null;
}

/** An array for some types, an object keyed by public_id for others. */
function listAssets(resources: unknown, maxVersion: number, assetPrefix: string): EnvelopeAsset[] {
  const entries: [string | null, unknown][] = Array.isArray(resources)
    ? resources.map((resource) => [null, resource])
    : isObject(resources)
      ? Object.entries(resources)
      : [];
  return entries.flatMap(([key, resource]) => {
    if (!isObject(resource)) return [];
    return {
      asset_id: idOf(resource, assetPrefix),
      public_id: text(resource.public_id) ?? text(key),
      version: versionOf(resource, maxVersion),
    };
  });
}

/** Longer than any id, but short enough for an index entry. */
const longestText = 500;

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? storable(value.slice(0, longestText)) : null;
}

function versionOf({ version }: JsonObject, max: number): number | null {
  const number = wholeNumber(version);
  return number === null ? null : Math.min(number, max);
}

/** In some bodies the version is a string. Beyond 2^53, parsing has already lost digits, so the version is not recorded. */
function wholeNumber(value: unknown): number | null {
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function sha256(...parts: (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
