import { nameAnswer } from "../answers.ts";
import type { JsonObject } from "../json.ts";
import { type Actor, notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, ResourceType } from "../store/state.ts";
import { becomePlaceholder } from "./backup.ts";

/** Deletes assets and sends one notification for all of them. Assets with a backup stay as placeholders. */
export async function remove(
  cloud: Cloud,
  assets: readonly Asset[],
  told: { notificationUrl: string | null; actor?: Actor; type?: "delete" | "delete_by_token" },
): Promise<void> {
  const there = assets.filter((asset) => !asset.placeholder);
  if (there.length === 0) return;
  const resources = there.map((asset) => ({
    ...nameAnswer(asset),
    version: asset.version,
    ...(cloud.folderMode === "fixed"
      ? {}
      : { asset_folder: asset.asset_folder, display_name: asset.display_name }),
  }));
  for (const asset of there) {
    if (asset.versions.length > 0) await becomePlaceholder(cloud, asset);
    else await cloud.store.remove(asset);
  }
  const { type = "delete", ...rest } = told;
  notify(cloud, { type, body: { resources }, ...rest });
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
  if (asset === undefined || asset.placeholder) return { result: "not found" };
  await remove(cloud, [asset], { notificationUrl: params.text("notification_url") ?? null });
  return { result: "ok" };
}
