import { touched } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import { notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import { resourceTypeOf } from "../resource-type.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";

const maxAssets = 10;

/** `POST /resources/related_assets/…`: relates the assets in both directions. */
export const relate = (cloud: Cloud, asset: Asset, params: Params): JsonObject =>
  change(cloud, asset, { names: params.list("assets_to_relate"), action: "add" });

/** `DELETE /resources/related_assets/…` */
export const unrelate = (cloud: Cloud, asset: Asset, params: Params): JsonObject =>
  change(cloud, asset, { names: params.list("assets_to_unrelate"), action: "delete" });

function change(
  cloud: Cloud,
  asset: Asset,
  of: { names: readonly string[]; action: "add" | "delete" },
): JsonObject {
  if (of.names.length === 0 || of.names.length > maxAssets)
    throw new ApiError(400, `Name between 1 and ${maxAssets} assets`);
  const success: JsonObject[] = [];
  const failed: JsonObject[] = [];
  for (const name of of.names) {
    const other = otherAsset(cloud, name);
    const isRelated = other !== undefined && asset.related.includes(other.asset_id);
    if (other === undefined || isRelated === (of.action === "add")) {
      const code = other === undefined ? "asset_not_found" : `already_${isRelated ? "related" : "unrelated"}`;
      failed.push({ message: "failed", code, asset: name, status: other === undefined ? 404 : 409 });
      continue;
    }
    for (const [source, target] of [
      [asset, other],
      [other, asset],
    ] as const) {
      const rest = source.related.filter((id) => id !== target.asset_id);
      source.related = of.action === "add" ? [...rest, target.asset_id] : rest;
      touched(cloud, source);
    }
    success.push({ message: "success", code: "success_ids", asset: name, status: 200 });
  }
  notify(cloud, {
    type: "related_assets",
    body: {
      action_type: of.action,
      asset_id: asset.asset_id,
      total_success: success.length,
      total_failed: failed.length,
    },
    notificationUrl: null,
  });
  return { success, failed };
}

/** Accepts `resource_type/type/public_id` or an asset id. */
function otherAsset(cloud: Cloud, name: string): Asset | undefined {
  if (/^[0-9a-f]{32}$/.test(name)) return cloud.store.byAssetId(name);
  const [resource_type = "", type = "", ...rest] = name.split("/");
  if (rest.length === 0) return undefined;
  return cloud.store.find({ resource_type: resourceTypeOf(resource_type), type, public_id: rest.join("/") });
}
