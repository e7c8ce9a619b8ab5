import { adminAnswer, derivedAnswer, type JsonObject } from "../answers.ts";
import { ApiError, notFound } from "../api-error.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, ResourceType } from "../store/state.ts";
import { remove } from "../upload-api/destroy.ts";
import { applyLabels } from "../upload-api/labels.ts";
import { override } from "../upload-api/moderation.ts";

const mostPerPage = 500;

/** One page of assets, newest first; the cursor says where the next begins. */
export function page(cloud: Cloud, assets: readonly Asset[], params: Params): JsonObject {
  const most = Number(params.text("max_results") ?? 10);
  if (!(most >= 1 && most <= mostPerPage))
    throw new ApiError(400, `max_results must be between 1 and ${mostPerPage}`);
  const ascending = params.text("direction") === "asc" || params.text("direction") === "1";
  const from = serialOf(params.text("next_cursor"));
  const sorted = assets
    .filter(({ serial }) => from === undefined || (ascending ? serial >= from : serial <= from))
    .sort((a, b) => (ascending ? a.serial - b.serial : b.serial - a.serial));
  const next = sorted[most];
  const include = {
    tags: params.flag("tags") === true,
    context: params.flag("context") === true,
    moderation: params.flag("moderations") === true || params.flag("moderation") === true,
  };
  return {
    resources: sorted.slice(0, most).map((asset) => adminAnswer(cloud, asset, include)),
    ...(next === undefined ? {} : { next_cursor: cursorOf(next.serial) }),
  };
}

/** Opaque to callers: where the next page begins, also when what stood there is deleted meanwhile. */
const cursorOf = (serial: number): string => Buffer.from(`from ${serial}`).toString("base64url");

function serialOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const [, serial] = /^from (\d+)$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (serial === undefined) throw new ApiError(400, `Invalid next_cursor ${cursor}`);
  return Number(serial);
}

/** `GET /resources/:resource_type[/:type]`, by ids, by prefix or all. */
export function list(
  cloud: Cloud,
  wanted: { resourceType: ResourceType; type: string | undefined },
  params: Params,
): JsonObject {
  const prefix = params.text("prefix") ?? "";
  const ids = params.list("public_ids");
  const assets = cloud.store.state.assets.filter(
    (asset) =>
      asset.resource_type === wanted.resourceType &&
      (wanted.type === undefined || asset.type === wanted.type) &&
      asset.public_id.startsWith(prefix) &&
      (ids.length === 0 || ids.includes(asset.public_id)),
  );
  return page(cloud, assets, params);
}

const statuses = ["pending", "approved", "rejected", "queued", "aborted"];

/** `GET /resources/:resource_type/moderations/:kind/:status` */
export function listByModeration(
  cloud: Cloud,
  wanted: { resourceType: ResourceType; kind: string; status: string },
  params: Params,
): JsonObject {
  if (!statuses.includes(wanted.status))
    throw new ApiError(400, `Invalid moderation status ${wanted.status}`);
  const assets = cloud.store.state.assets.filter(
    (asset) =>
      asset.resource_type === wanted.resourceType &&
      asset.moderation.some((one) => one.kind === wanted.kind && one.status === wanted.status),
  );
  return page(cloud, assets, params);
}

export function listWhere(cloud: Cloud, matches: (asset: Asset) => boolean, params: Params): JsonObject {
  return page(cloud, cloud.store.state.assets.filter(matches), params);
}

export function must(asset: Asset | undefined, called: string): Asset {
  if (asset === undefined) throw notFound(called);
  return asset;
}

/** One asset with everything that is known about it. */
export function show(cloud: Cloud, asset: Asset): JsonObject {
  return {
    ...adminAnswer(cloud, asset, { tags: true, context: true, moderation: true }),
    etag: asset.etag,
    version_id: asset.version_id,
    derived: asset.derived.map((derived) => ({ ...derivedAnswer(cloud, asset, derived), id: derived.id })),
  };
}

/** `POST /resources/:resource_type/:type/:public_id` and `PUT /resources/:asset_id` */
export function update(cloud: Cloud, asset: Asset, params: Params): JsonObject {
  const notificationUrl = params.text("notification_url") ?? null;
  const status = params.text("moderation_status");
  if (status !== undefined) override(cloud, asset, { status, notificationUrl });
  applyLabels(cloud, asset, params, { notificationUrl });
  return show(cloud, asset);
}

/** `DELETE /resources/:resource_type/:type` by ids, prefix or all; with `keep_original` only the variants go. */
export async function deleteMany(
  cloud: Cloud,
  wanted: { resourceType: ResourceType; type: string },
  params: Params,
): Promise<JsonObject> {
  const ids = params.list("public_ids");
  if (ids.length > 100) throw new ApiError(400, "Maximum of 100 public_ids exceeded");
  const prefix = params.text("prefix");
  const named = (asset: Asset): boolean =>
    ids.includes(asset.public_id) ||
    (prefix !== undefined && asset.public_id.startsWith(prefix)) ||
    params.flag("all") === true;
  const assets = cloud.store.state.assets.filter(
    (asset) => asset.resource_type === wanted.resourceType && asset.type === wanted.type && named(asset),
  );
  return deleted(cloud, { assets, asked: ids, key: "public_id" }, params);
}

/** `DELETE /resources` by asset ids. */
export async function deleteByAssetIds(cloud: Cloud, params: Params): Promise<JsonObject> {
  const ids = params.list("asset_ids");
  const assets = ids.flatMap((id) => cloud.store.byAssetId(id) ?? []);
  return deleted(cloud, { assets, asked: ids, key: "asset_id" }, params);
}

export async function deleteByTag(
  cloud: Cloud,
  wanted: { resourceType: ResourceType; tag: string },
  params: Params,
): Promise<JsonObject> {
  const assets = cloud.store.state.assets.filter(
    (asset) => asset.resource_type === wanted.resourceType && asset.tags.includes(wanted.tag),
  );
  return deleted(cloud, { assets, asked: [], key: "public_id" }, params);
}

async function deleted(
  cloud: Cloud,
  found: { assets: Asset[]; asked: readonly string[]; key: "public_id" | "asset_id" },
  params: Params,
): Promise<JsonObject> {
  const keepOriginal = params.flag("keep_original") === true;
  const counts = found.assets.map((asset) => [
    asset[found.key],
    { original: keepOriginal ? 0 : 1, derived: asset.derived.length },
  ]);
  if (keepOriginal) for (const asset of found.assets) await cloud.store.dropDerived(asset);
  else await remove(cloud, found.assets, { notificationUrl: params.text("notification_url") ?? null });
  const names = new Set([...found.asked, ...found.assets.map((asset) => asset[found.key])]);
  const gone = new Set(found.assets.map((asset) => asset[found.key]));
  return {
    deleted: Object.fromEntries([...names].map((name) => [name, gone.has(name) ? "deleted" : "not_found"])),
    deleted_counts: Object.fromEntries(counts),
    partial: false,
  };
}

/** `GET /tags/:resource_type` */
export function listTags(cloud: Cloud, resourceType: ResourceType, params: Params): JsonObject {
  const prefix = params.text("prefix") ?? "";
  const assets = cloud.store.state.assets.filter((asset) => asset.resource_type === resourceType);
  return {
    tags: [...new Set(assets.flatMap((asset) => asset.tags))].filter((tag) => tag.startsWith(prefix)).sort(),
  };
}
