import { touched, uploadAnswer } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import { notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import { type Cloud, offsetInstant } from "../store/cloud.ts";
import type { Asset, ResourceType } from "../store/state.ts";
import { newId } from "../store/store.ts";

/** Selects the assets of a bulk call: by ids, by prefix, or by tag. */
export const selectionParameters: readonly string[] = ["public_ids", "prefix", "tag", "type", "next_cursor"];

function selected(cloud: Cloud, resourceType: ResourceType, params: Params): Asset[] {
  const ids = params.list("public_ids");
  const prefix = params.text("prefix");
  const tag = params.text("tag");
  if (ids.length === 0 && prefix === undefined && tag === undefined)
    throw new ApiError(400, "Missing required parameter - public_ids, prefix or tag");
  return cloud.store.state.assets.filter(
    (asset) =>
      asset.resource_type === resourceType &&
      !asset.placeholder &&
      (ids.includes(asset.public_id) ||
        (prefix !== undefined && asset.public_id.startsWith(prefix)) ||
        (tag !== undefined && asset.tags.includes(tag))),
  );
}

/** `POST /resources/:resource_type/publish_resources`: changes private and authenticated assets to type `upload`. */
export async function publish(cloud: Cloud, resourceType: ResourceType, params: Params): Promise<JsonObject> {
  const type = params.text("type");
  const closed = selected(cloud, resourceType, params).filter(
    (asset) => asset.type !== "upload" && (type === undefined || asset.type === type),
  );
  const failed: JsonObject[] = [];
  const published: JsonObject[] = [];
  for (const asset of closed) {
    const to = { resource_type: asset.resource_type, type: "upload", public_id: asset.public_id };
    const inTheWay = cloud.store.find(to);
    if (inTheWay !== undefined && params.flag("overwrite") !== true) {
      failed.push({ public_id: asset.public_id, error: "already exists" });
      continue;
    }
    if (inTheWay !== undefined) await cloud.store.remove(inTheWay);
    cloud.store.rename(asset, to);
    touched(cloud, asset);
    published.push(uploadAnswer(cloud, asset));
  }
  if (published.length > 0) {
    const resources = published.map(
      ({ asset_id = "", public_id = "", resource_type = "", type = "", version = 0 }) => ({
        asset_id,
        public_id,
        resource_type,
        type,
        version,
      }),
    );
    notify(cloud, {
      type: "publish",
      body: { timestamp: offsetInstant(cloud), request_id: newId(), source: "api", resources },
      notificationUrl: params.text("notification_url") ?? null,
    });
  }
  return { published, failed };
}

/** `POST /resources/:resource_type/:type/update_access_mode` */
export function updateAccessMode(
  cloud: Cloud,
  of: { resourceType: ResourceType; type: string },
  params: Params,
): JsonObject {
  const mode = params.required("access_mode");
  if (mode !== "public" && mode !== "authenticated") throw new ApiError(400, `Invalid access_mode ${mode}`);
  const assets = selected(cloud, of.resourceType, params).filter((asset) => asset.type === of.type);
  for (const asset of assets) {
    asset.access_mode = mode;
    touched(cloud, asset);
  }
  return { updated: assets.map((asset) => uploadAnswer(cloud, asset)), failed: [] };
}
