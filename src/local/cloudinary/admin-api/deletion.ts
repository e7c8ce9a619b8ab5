import { ApiError } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, ResourceType } from "../store/state.ts";
import { remove } from "../upload-api/destroy.ts";

const maxIds = 100;

export const deletionParameters: readonly string[] = [
  "public_ids",
  "prefix",
  "all",
  "keep_original",
  "transformations",
  "notification_url",
  "next_cursor",
];

/** `DELETE /resources/:resource_type/:type` by ids, by prefix, or all. `keep_original` deletes only the variants. */
export async function deleteMany(
  cloud: Cloud,
  wanted: { resourceType: ResourceType; type: string },
  params: Params,
): Promise<JsonObject> {
  const ids = params.list("public_ids");
  if (ids.length > maxIds) throw new ApiError(400, `Maximum of ${maxIds} public_ids exceeded`);
  const prefix = params.text("prefix");
  const isNamed = (asset: Asset): boolean =>
    ids.includes(asset.public_id) ||
    (prefix !== undefined && asset.public_id.startsWith(prefix)) ||
    params.flag("all") === true;
  const assets = cloud.store.state.assets.filter(
    (asset) => asset.resource_type === wanted.resourceType && asset.type === wanted.type && isNamed(asset),
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

/** `DELETE /derived_resources`: deletes single variants by the ids in the asset's details. */
export async function deleteDerived(cloud: Cloud, params: Params): Promise<JsonObject> {
  const ids = params.list("derived_resource_ids");
  const gone = new Set<string>();
  for (const asset of cloud.store.state.assets) {
    for (const variant of asset.derived.filter(({ id }) => ids.includes(id))) {
      asset.derived = asset.derived.filter((other) => other !== variant);
      await cloud.store.drop(variant.file);
      gone.add(variant.id);
    }
  }
  return { deleted: Object.fromEntries(ids.map((id) => [id, gone.has(id) ? "deleted" : "not_found"])) };
}

async function deleted(
  cloud: Cloud,
  found: { assets: Asset[]; asked: readonly string[]; key: "public_id" | "asset_id" },
  params: Params,
): Promise<JsonObject> {
  // Everything is deleted in one call, so no answer contains a cursor.
  const cursor = params.text("next_cursor");
  if (cursor !== undefined) throw new ApiError(400, `Invalid next_cursor ${cursor}`);
  const keepOriginal = params.flag("keep_original") === true;
  const there = found.assets.filter((asset) => !asset.placeholder);
  const names = new Set([...found.asked, ...there.map((asset) => asset[found.key])]);
  const counts = new Map(
    there.map((asset) => [
      asset[found.key],
      { original: keepOriginal ? 0 : 1, derived: asset.derived.length },
    ]),
  );
  if (keepOriginal) for (const asset of there) await dropVariants(cloud, asset, params);
  else await remove(cloud, there, { notificationUrl: params.text("notification_url") ?? null });
  return {
    deleted: Object.fromEntries([...names].map((name) => [name, counts.has(name) ? "deleted" : "not_found"])),
    deleted_counts: Object.fromEntries(
      [...names].map((name) => [name, counts.get(name) ?? { original: 0, derived: 0 }]),
    ),
    partial: false,
  };
}

/** The variants made by one of the `transformations`, or all of them. */
async function dropVariants(cloud: Cloud, asset: Asset, params: Params): Promise<void> {
  const wanted = params.list("transformations").flatMap((list) => list.split("|"));
  if (wanted.length === 0) return cloud.store.dropDerived(asset);
  const gone = asset.derived.filter((variant) => wanted.includes(variant.asked ?? variant.transformation));
  asset.derived = asset.derived.filter((variant) => !gone.includes(variant));
  for (const variant of gone) await cloud.store.drop(variant.file);
}
