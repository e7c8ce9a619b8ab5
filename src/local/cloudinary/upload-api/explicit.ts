import { type JsonObject, uploadAnswer } from "../answers.ts";
import { notFound } from "../api-error.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { ResourceType } from "../store/state.ts";
import { removeBackground } from "./background-removal.ts";
import { eager } from "./eager.ts";
import { applyLabels } from "./labels.ts";
import { moderate } from "./moderation.ts";

/**
 * Changes an asset that is there. Which notification the call itself causes is not documented, so it causes none;
 * its eager variants, moderation and changed labels tell of themselves.
 */
export async function explicit(
  cloud: Cloud,
  resource_type: ResourceType,
  params: Params,
): Promise<JsonObject> {
  const public_id = params.required("public_id");
  const asset = cloud.store.find({ resource_type, type: params.text("type") ?? "upload", public_id });
  if (asset === undefined) throw notFound(public_id);
  const notificationUrl = params.text("notification_url") ?? null;
  applyLabels(cloud, asset, params, { notificationUrl });
  const moderation = params.text("moderation");
  if (moderation !== undefined) moderate(cloud, asset, { moderation, notificationUrl });
  const addOn = params.text("background_removal");
  if (addOn !== undefined) removeBackground(cloud, asset, { addOn, notificationUrl });
  const made = await eager(cloud, asset, params);
  return { ...uploadAnswer(cloud, asset), ...made };
}
