import { uploadAnswer } from "../answers.ts";
import { notFound } from "../api-error.ts";
import { social } from "../delivery/delivery-types.ts";
import type { JsonObject } from "../json.ts";
import { analysis, analysisParameters } from "../media/analysis.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { ResourceType } from "../store/state.ts";
import { addOnParameters, checkAddOns } from "./add-ons.ts";
import { removeBackground } from "./background-removal.ts";
import { eager, newBatchId } from "./eager.ts";
import { applyLabels, labelParameters, labelsIn } from "./labels.ts";
import { moderate, parseModeration } from "./moderation.ts";

export const explicitParameters: readonly string[] = [
  ...labelParameters,
  ...addOnParameters,
  ...analysisParameters,
  "public_id",
  "type",
  "eager",
  "eager_async",
  "eager_notification_url",
  "notification_url",
  "moderation",
  "async",
];

/**
 * Changes an existing asset. Cloudinary does not document a notification for the call itself, so none is sent; eager
 * variants, moderation and changed labels send their own.
 */
export async function explicit(
  cloud: Cloud,
  resource_type: ResourceType,
  params: Params,
): Promise<JsonObject> {
  const public_id = params.required("public_id");
  const type = params.text("type") ?? "upload";
  checkAddOns(params, "upload");
  const asset = cloud.store.find({ resource_type, type, public_id });
  const isAsync = params.flag("async") === true;
  const pending = { status: "pending", resource_type, type, public_id, batch_id: newBatchId() };
  // Cloudinary accepts it and fetches the picture later; there is nothing to fetch here.
  if (isAsync && social.has(type)) return pending;
  if (asset === undefined || asset.placeholder) throw notFound(public_id);
  const notificationUrl = params.text("notification_url") ?? null;
  const asked = params.text("moderation");
  const moderation = asked === undefined ? undefined : parseModeration(asked, resource_type);
  applyLabels(cloud, asset, labelsIn(cloud, params), { notificationUrl });
  if (moderation !== undefined) moderate(cloud, asset, { moderation, notificationUrl });
  const addOn = params.text("background_removal");
  if (addOn !== undefined) removeBackground(cloud, asset, { addOn, notificationUrl });
  const made = await eager(cloud, asset, params);
  if (isAsync) return pending;
  return {
    ...explicitAnswer(cloud, uploadAnswer(cloud, asset)),
    ...(await analysis(cloud, asset, params)),
    ...made,
  };
}

/** The official description of this answer has no `moderation`; no real answer has been checked. */
function explicitAnswer(cloud: Cloud, answer: JsonObject): JsonObject {
  if (cloud.explicitTells.includes("moderation")) return answer;
  const { moderation: _, ...rest } = answer;
  return rest;
}
