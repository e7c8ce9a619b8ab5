import { adminAnswer, derivedAnswer } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import { must } from "../call.ts";
import { folderOf, trimmed } from "../folders.ts";
import type { JsonObject } from "../json.ts";
import { analysis } from "../media/analysis.ts";
import { pageSize } from "../page-size.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, ResourceType } from "../store/state.ts";
import { checkAddOns } from "../upload-api/add-ons.ts";
import { versionAnswer } from "../upload-api/backup.ts";
import { applyLabels, labelsIn } from "../upload-api/labels.ts";
import { override } from "../upload-api/moderation.ts";
import { chosenFields, fieldsOf, page } from "./listing.ts";

/** `GET /resources/:resource_type[/:type]`, by ids, by prefix or all. */
export function list(
  cloud: Cloud,
  wanted: { resourceType: ResourceType; type: string | undefined },
  params: Params,
): JsonObject {
  const prefix = params.text("prefix") ?? "";
  const ids = new Set(params.list("public_ids"));
  const type = wanted.type ?? params.text("type");
  const assets = cloud.store.state.assets.filter(
    (asset) =>
      asset.resource_type === wanted.resourceType &&
      (type === undefined || asset.type === type) &&
      asset.public_id.startsWith(prefix) &&
      (ids.size === 0 || ids.has(asset.public_id)),
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
  const matches = (asset: Asset): boolean =>
    asset.resource_type === wanted.resourceType &&
    asset.moderation.some((entry) => entry.kind === wanted.kind && entry.status === wanted.status);
  return page(cloud, cloud.store.state.assets.filter(matches), params);
}

export function listByTag(
  cloud: Cloud,
  wanted: { resourceType: ResourceType; tag: string },
  params: Params,
): JsonObject {
  const matches = (asset: Asset): boolean =>
    asset.resource_type === wanted.resourceType && asset.tags.includes(wanted.tag);
  return page(cloud, cloud.store.state.assets.filter(matches), params);
}

/** `GET /resources/:resource_type/context`: by key, or by key and value. The answer always includes the context. */
export function listByContext(cloud: Cloud, resourceType: ResourceType, params: Params): JsonObject {
  const key = params.required("key");
  const value = params.text("value");
  const matches = (asset: Asset): boolean =>
    asset.resource_type === resourceType &&
    Object.hasOwn(asset.context, key) &&
    (value === undefined || asset.context[key] === value);
  return page(cloud, cloud.store.state.assets.filter(matches), params, { context: true });
}

export function listByAssetIds(cloud: Cloud, params: Params): JsonObject {
  const ids = new Set(params.list("asset_ids"));
  return page(
    cloud,
    [...ids].flatMap((id) => cloud.store.byAssetId(id) ?? []),
    params,
  );
}

/** `GET /resources/by_asset_folder` */
export function listByFolder(cloud: Cloud, params: Params): JsonObject {
  const folder = trimmed(params.required("asset_folder"));
  const assets = cloud.store.state.assets.filter((asset) => folderOf(cloud, asset) === folder);
  return { ...page(cloud, assets, params), total_count: assets.length };
}

export const detailParameters: readonly string[] = [
  "versions",
  "related",
  "fields",
  "max_results",
  "derived_next_cursor",
];

const maxDerived = 100;

/** Pages through the variants. */
function derivedPage(cloud: Cloud, asset: Asset, params: Params): JsonObject {
  const max = pageSize(params, maxDerived);
  const after = params.text("derived_next_cursor");
  const from = asset.derived.findIndex(({ id }) => id === after) + 1;
  const page = asset.derived.slice(from, from + max);
  const last = page.at(-1);
  return {
    derived: page.map((derived) => ({ ...derivedAnswer(cloud, asset, derived), id: derived.id })),
    ...(last !== undefined && last !== asset.derived.at(-1) ? { derived_next_cursor: last.id } : {}),
  };
}

/** Returns one asset with all its details. */
export async function show(cloud: Cloud, asset: Asset, params: Params): Promise<JsonObject> {
  const { tags, metadata, ...answer } = adminAnswer(cloud, asset, {
    tags: true,
    context: true,
    metadata: true,
    moderation: true,
  });
  const whole = {
    ...answer,
    ...(asset.tags.length > 0 && tags !== undefined ? { tags } : {}),
    ...(Object.keys(asset.metadata).length > 0 && metadata !== undefined ? { metadata } : {}),
    etag: asset.etag,
    version_id: asset.version_id,
    ...removal(asset),
    ...(asset.original_filename === "" ? {} : { original_filename: asset.original_filename }),
    ...(await analysis(cloud, asset, params)),
    ...(params.flag("versions") === true ? { versions: asset.versions.map(versionAnswer) } : {}),
    ...(params.flag("related") === true ? { related_assets: related(cloud, asset) } : {}),
    ...derivedPage(cloud, asset, params),
  };
  const chosen = fieldsOf(params);
  return chosen.size === 0 ? whole : chosenFields(cloud, { asset, answer: whole, chosen });
}

const removal = ({ background_removal: status }: Asset): JsonObject =>
  status === undefined ? {} : { info: { background_removal: { cloudinary_ai: { status } } } };

const related = (cloud: Cloud, asset: Asset): JsonObject[] =>
  asset.related.flatMap((id) => {
    const other = cloud.store.byAssetId(id);
    return other === undefined
      ? []
      : [{ asset: `${other.resource_type}/${other.type}/${other.public_id}`, asset_id: other.asset_id }];
  });

/** `POST /resources/:resource_type/:type/:public_id` and `PUT /resources/:asset_id` */
export async function update(cloud: Cloud, asset: Asset, params: Params): Promise<JsonObject> {
  checkAddOns(params, "admin");
  const notificationUrl = params.text("notification_url") ?? null;
  const labels = labelsIn(cloud, params);
  const status = params.text("moderation_status");
  if (status !== undefined) override(cloud, asset, { status, notificationUrl });
  applyLabels(cloud, asset, labels, { notificationUrl });
  return show(cloud, asset, params);
}

/** Finds the asset that a path names. Includes placeholders of deleted assets, which can be shown and restored. */
export const named = (
  cloud: Cloud,
  name: { resourceType: ResourceType; type: string; publicId: string },
): Asset =>
  must(
    cloud.store.find({ resource_type: name.resourceType, type: name.type, public_id: name.publicId }),
    name.publicId,
  );

/** `GET /tags/:resource_type` */
export function listTags(cloud: Cloud, resourceType: ResourceType, params: Params): JsonObject {
  const prefix = params.text("prefix") ?? "";
  const max = pageSize(params, 10);
  const after = params.text("next_cursor");
  const assets = cloud.store.state.assets.filter((asset) => asset.resource_type === resourceType);
  const tags = [...new Set(assets.flatMap((asset) => asset.tags))]
    .filter((tag) => tag.startsWith(prefix) && (after === undefined || tag > after))
    .sort();
  const last = tags[max - 1];
  return {
    tags: tags.slice(0, max),
    ...(tags.length > max && last !== undefined ? { next_cursor: last } : {}),
  };
}
