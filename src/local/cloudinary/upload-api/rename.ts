import { touched, uploadAnswer } from "../answers.ts";
import { ApiError, notFound } from "../api-error.ts";
import { requireUploadType } from "../delivery/delivery-types.ts";
import type { JsonObject } from "../json.ts";
import { notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import { type Cloud, offsetInstant } from "../store/cloud.ts";
import type { ResourceType } from "../store/state.ts";
import { newId } from "../store/store.ts";
import { createFolderFor } from "./folder-of-upload.ts";
import { checkedPublicId } from "./new-asset.ts";

/** 404 if the source does not exist; 400 if the target exists and `overwrite` is not set. */
export async function rename(cloud: Cloud, resource_type: ResourceType, params: Params): Promise<JsonObject> {
  const from_public_id = params.required("from_public_id");
  const to_public_id = checkedPublicId(params.required("to_public_id"));
  const type = params.text("type") ?? "upload";
  const toType = params.text("to_type") ?? type;
  if (toType !== type) requireUploadType(toType);
  const asset = cloud.store.find({ resource_type, type, public_id: from_public_id });
  if (asset === undefined || asset.placeholder) throw notFound(from_public_id);
  const inTheWay = cloud.store.find({ resource_type, type: toType, public_id: to_public_id });
  // Only the status is documented; the real message is not known.
  if (inTheWay !== undefined && !inTheWay.placeholder && params.flag("overwrite") !== true)
    throw new ApiError(400, `to_public_id (${to_public_id}) already exists`);
  if (inTheWay !== undefined && inTheWay !== asset) await cloud.store.remove(inTheWay);
  const { asset_id, asset_folder, display_name } = asset;
  cloud.store.rename(asset, { public_id: to_public_id, type: toType });
  touched(cloud, asset);
  createFolderFor(cloud, asset);
  notify(cloud, {
    type: "rename",
    body: {
      timestamp: offsetInstant(cloud),
      request_id: newId(),
      resource_type,
      type,
      asset_id,
      ...(cloud.folderMode === "fixed" ? {} : { asset_folder, display_name }),
      from_public_id,
      to_public_id,
    },
    notificationUrl: params.text("notification_url") ?? null,
  });
  const { context, metadata, ...answer } = uploadAnswer(cloud, asset);
  return {
    ...answer,
    ...(params.flag("context") === true && context !== undefined ? { context } : {}),
    ...(params.flag("metadata") === true && metadata !== undefined ? { metadata } : {}),
  };
}
