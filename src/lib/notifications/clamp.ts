import { joinDeliveryUrl, splitDeliveryUrl } from "../cloudinary/delivery-url.ts";
import { versionAt } from "../shared/ceiling.ts";
import { isObject, type JsonObject } from "../shared/json.ts";
import { own } from "../shared/own.ts";

/**
 * Lowers times, versions, and versions in delivery URLs that are later than `latest` to `latest`, in place. Otherwise a single
 * notification with the year 9999 would take precedence over all later ones, even after its secret was replaced. Runs before any other
 * code reads the body. Returns the paths of the lowered values, such as `resources[0].version`.
 */
export function clamp(body: JsonObject, latest: Date): string[] {
  const clamping: Clamping = { latest, maxVersion: versionAt(latest), paths: [] };
  const names = [body.public_id, body.to_public_id];
  clampInstants(body, "", clamping);
  clampAsset(body, { path: "", names }, clamping);
  if (isObject(body.notification_context))
    clampInstants(body.notification_context, "notification_context.", clamping);
  for (const list of ["moderation", "moderation_summary"])
    for (const { item, path } of entriesOf(body, list)) clampInstants(item, path, clamping);
  for (const { item, path } of entriesOf(body, "eager")) clampUrls(item, { path, names }, clamping);
  for (const { item, path, key } of entriesOf(body, "resources")) {
    clampInstants(item, path, clamping);
    clampAsset(item, { path, names: [item.public_id ?? key] }, clamping);
  }
  return clamping.paths;
}

interface Clamping {
  latest: Date;
  maxVersion: number;
  paths: string[];
}

const instants = [
  "timestamp",
  "triggered_at",
  "moderation_updated_at",
  "updated_at",
  "uploaded_at",
  "created_at",
] as const;

function clampInstants(object: JsonObject, path: string, { latest, paths }: Clamping): void {
  for (const name of instants) {
    const value = own(object, name);
    // Not the conversion of any value: that of an object in the body can throw.
    if (typeof value !== "string" && typeof value !== "number") continue;
    const time = typeof value === "string" ? Date.parse(value) : value * 1_000;
    if (!(time > latest.getTime())) continue;
    Reflect.set(object, name, latest.toISOString());
    paths.push(path + name);
  }
}

interface Place {
  path: string;
  /** The public ids to which its URLs can belong. */
  names: readonly unknown[];
}

function clampAsset(object: JsonObject, place: Place, clamping: Clamping): void {
  const { version } = object;
  // In some old bodies it is a string.
  const number = typeof version === "string" && /^\d{1,16}$/.test(version) ? Number(version) : version;
  if (typeof number === "number" && number > clamping.maxVersion) {
    Reflect.set(object, "version", clamping.maxVersion);
    clamping.paths.push(`${place.path}version`);
  }
  clampUrls(object, place, clamping);
}

/** Ten or more digits: shorter versions are always in the past. Leading zeros do not matter. */
const longVersion = /\/v\d{10,15}\//;

function clampUrls(object: JsonObject, { path, names }: Place, { maxVersion, paths }: Clamping): void {
  for (const name of ["url", "secure_url"]) {
    const url = own(object, name);
    if (typeof url !== "string" || !longVersion.test(url)) continue;
    const ids = [...names.filter((id) => typeof id === "string"), undefined];
    const parts = ids.map((id) => splitDeliveryUrl(url, id)).find((split) => split !== null);
    if (parts?.version === undefined || parts.version <= maxVersion) continue;
    Reflect.set(object, name, joinDeliveryUrl({ ...parts, version: maxVersion }));
    paths.push(path + name);
  }
}

/** The objects in a list or in an object, each with its path; items that are strings are skipped. */
function entriesOf(body: JsonObject, list: string): { item: JsonObject; path: string; key?: string }[] {
  const container = own(body, list);
  if (Array.isArray(container))
    return container.flatMap((item, index) => (isObject(item) ? [{ item, path: `${list}[${index}].` }] : []));
  if (!isObject(container)) return [];
  return Object.entries(container).flatMap(([key, item]) =>
    isObject(item) ? [{ item, path: `${list}.${key}.`, key }] : [],
  );
}
