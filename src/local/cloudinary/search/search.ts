import { z } from "zod";
import { accessControl, facts, isPlaceholder, moderations } from "../answers.ts";
import { ApiError, notEmulated } from "../api-error.ts";
import { deliveryUrls } from "../delivery/delivery-url.ts";
import { allFolders, basename, dirname, folderOf } from "../folders.ts";
import type { JsonObject } from "../json.ts";
import { pageSize } from "../page-size.ts";
import { jsonOr, type Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { cursorOf, offsetOf } from "./cursor.ts";
import { requireField, valuesOf } from "./fields.ts";
import { matcher } from "./matches.ts";
import { parseExpression } from "./parse.ts";

const defaultResults = 50;

export const searchParameters = [
  "expression",
  "sort_by",
  "max_results",
  "next_cursor",
  "with_field",
  "fields",
];

/** `POST /resources/search` */
export function search(cloud: Cloud, params: Params): JsonObject {
  const expression = parseExpression(params.text("expression") ?? "");
  const matches = expression === null ? () => true : matcher(cloud, expression);
  const found = cloud.store.state.assets.filter(matches);
  const order = sortOf(params) ?? [{ field: "created_at", sign: -1 }];
  found.sort((a, b) => compare(cloud, order, a, b));
  const { page, ...more } = pageOf(found, params);
  const shape = shapeOf(params);
  return {
    total_count: found.length,
    time: 1,
    resources: page.map((asset) => shape(answer(cloud, asset), asset)),
    ...more,
  };
}

/** `POST` or `GET /folders/search`: searches by `name` and `path`. */
export function searchFolders(cloud: Cloud, params: Params): JsonObject {
  const text = params.text("expression") ?? "";
  const wanted = /^(?:(name|path)\s*[:=]\s*)?"?([^"]*)"?$/.exec(text.trim());
  if (wanted === null || /\s(AND|OR|NOT)\s|[()]/.test(text)) throw notEmulated(`the folder search "${text}"`);
  const [, field, value = ""] = wanted;
  const pattern = new RegExp(`^${value.split("*").map(RegExp.escape).join(".*")}$`, "iu");
  const found = [...allFolders(cloud)]
    .filter((path) => value === "" || pattern.test(field === "path" ? path : basename(path)))
    .sort();
  const { page, ...more } = pageOf(found, params);
  return {
    total_count: found.length,
    time: 1,
    folders: page.map((path) => ({ name: basename(path), path, parent: dirname(path) })),
    ...more,
  };
}

function pageOf<T>(found: readonly T[], params: Params): { page: T[]; next_cursor?: string } {
  const max = pageSize(params, defaultResults);
  const from = offsetOf(params.text("next_cursor"));
  const page = found.slice(from, from + max);
  return from + max < found.length ? { page, next_cursor: cursorOf(from + max) } : { page };
}

interface Order {
  field: string;
  sign: 1 | -1;
}

const sorts = z.array(z.record(z.string(), z.enum(["asc", "desc"])));

/** `[{"public_id":"asc"}]`, with several entries in order of priority. */
function sortOf(params: Params): Order[] | undefined {
  const given = params.json("sort_by");
  if (given === undefined) return undefined;
  const parsed = sorts.safeParse(
    [given].flat().map((sort) => (typeof sort === "string" ? jsonOr(sort) : sort)),
  );
  if (!parsed.success) throw new ApiError(400, `Invalid sort_by ${params.text("sort_by")}`);
  for (const field of parsed.data.flatMap((sort) => Object.keys(sort))) requireField(field);
  return parsed.data.flatMap((sort) =>
    Object.entries(sort).map(([field, direction]): Order => ({ field, sign: direction === "asc" ? 1 : -1 })),
  );
}

/** Ties sort by creation order; assets without a value sort last. */
function compare(cloud: Cloud, order: readonly Order[], a: Asset, b: Asset): number {
  for (const { field, sign } of order) {
    const [left] = valuesOf(cloud, a, field);
    const [right] = valuesOf(cloud, b, field);
    if (left === right) continue;
    if (left === undefined) return 1;
    if (right === undefined) return -1;
    return left < right ? -sign : sign;
  }
  return (order[0]?.sign ?? 1) * (a.serial - b.serial);
}

type Shape = (answer: JsonObject, asset: Asset) => JsonObject;

const labels: ReadonlyMap<string, (asset: Asset) => JsonObject> = new Map<
  string,
  (asset: Asset) => JsonObject
>([
  // Flat, unlike in other answers.
  ["context", (asset) => ({ context: { ...asset.context } })],
  ["tags", (asset) => ({ tags: [...asset.tags].sort() })],
  ["metadata", (asset) => ({ metadata: { ...asset.metadata } })],
  ["image_metadata", () => ({ image_metadata: {} })],
  ["moderation", (asset) => ({ moderation: moderations(asset) })],
]);

const always = ["asset_id", "public_id", "folder", "created_at", "status", "type", "resource_type"];

/** `with_field` adds labels. `fields` removes everything except the basic fields and the named ones. */
function shapeOf(params: Params): Shape {
  const listed = (name: string): string[] => params.list(name).flatMap((text) => text.split(","));
  const added = listed("with_field");
  const chosen = listed("fields");
  const unknown = added.find((name) => !labels.has(name));
  if (unknown !== undefined) throw notEmulated(`with_field ${unknown}`);
  const whole: Shape = (answer, asset) =>
    Object.assign({ ...answer }, ...[...added, ...chosen].map((name) => labels.get(name)?.(asset) ?? {}));
  if (chosen.length === 0) return whole;
  return (answer, asset) =>
    Object.fromEntries(
      Object.entries(whole(answer, asset)).filter(([name]) => [...always, ...chosen].includes(name)),
    );
}

/**
 * An asset as a search returns it. No specification shows whether `moderation` is included by default; here only on
 * request.
 */
function answer(cloud: Cloud, asset: Asset): JsonObject {
  const { width, height } = asset;
  return {
    asset_id: asset.asset_id,
    public_id: asset.public_id,
    folder: folderOf(cloud, asset),
    ...(cloud.folderMode === "fixed"
      ? {}
      : { asset_folder: asset.asset_folder, display_name: asset.display_name }),
    filename: basename(asset.public_id),
    format: asset.format,
    version: asset.version,
    resource_type: asset.resource_type,
    type: asset.type,
    created_at: asset.created_at,
    uploaded_at: asset.uploaded_at,
    last_updated: asset.updated_at ?? asset.uploaded_at,
    bytes: isPlaceholder(asset) ? 0 : asset.bytes,
    backup_bytes: asset.versions.reduce((sum, version) => sum + version.bytes, 0),
    ...facts(asset),
    ...(width === undefined || height === undefined
      ? {}
      : { aspect_ratio: Math.round((100_000 * width) / height) / 100_000, pixels: width * height }),
    ...deliveryUrls(cloud, asset),
    ...(isPlaceholder(asset) ? { placeholder: true } : {}),
    status: asset.placeholder ? "deleted" : "active",
    access_mode: asset.access_mode,
    access_control: accessControl(asset),
    etag: asset.etag,
  };
}
