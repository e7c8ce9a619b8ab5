import { type JsonObject, nameAnswer } from "../answers.ts";
import { notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, ResourceType } from "../store/state.ts";
import type { Told } from "./labels.ts";

/** Deletes and tells about all of them in one `delete` notification. */
export async function remove(cloud: Cloud, assets: readonly Asset[], told: Told): Promise<void> {
  if (assets.length === 0) return;
  const resources = assets.map((asset) => ({
    ...nameAnswer(asset),
    version: asset.version,
    asset_folder: asset.asset_folder,
    display_name: asset.display_name,
  }));
  for (const asset of assets) await cloud.store.remove(asset);
  notify(cloud, { type: "delete", body: { resources }, ...told });
}

/** `POST /:resource_type/destroy` */
export async function destroy(
  cloud: Cloud,
  resource_type: ResourceType,
  params: Params,
): Promise<JsonObject> {
  const name = {
    resource_type,
    type: params.text("type") ?? "upload",
    public_id: params.required("public_id"),
  };
  return destroyed(cloud, cloud.store.find(name), params);
}

/** `POST /asset/destroy`: the same by asset id. */
export async function destroyByAssetId(cloud: Cloud, params: Params): Promise<JsonObject> {
  return destroyed(cloud, cloud.store.byAssetId(params.required("asset_id")), params);
}

async function destroyed(cloud: Cloud, asset: Asset | undefined, params: Params): Promise<JsonObject> {
  if (asset === undefined) return { result: "not found" };
  await remove(cloud, [asset], { notificationUrl: params.text("notification_url") ?? null });
  return { result: "ok" };
}
