import { deliveryUrls } from "../delivery/delivery-url.ts";
import type { JsonObject } from "../json.ts";
import { pdfOf } from "../media/pdf.ts";
import { encode, first, videoFormats } from "../media/picture.ts";
import {
  formatIn,
  numberOf,
  parseTransformation,
  qualityIn,
  withoutFormat,
} from "../media/transformation.ts";
import { notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import { collectionId, keepAsMade, keepGenerated, members } from "./collection.ts";
import { newBatchId } from "./eager.ts";

const defaultDelayMs = 100;

/** `POST /image/multi`: creates an animated GIF or WebP, or a video (WebM content), from tagged pictures. */
export async function multi(cloud: Cloud, params: Params): Promise<JsonObject> {
  const transformation = params.text("transformation") ?? "";
  const steps = parseTransformation(transformation);
  const format = formatIn(steps) ?? params.text("format") ?? "gif";
  const isDocument = format === "pdf";
  const delayed = steps.find((step) => step.has("dl"));
  const delayMs = (delayed === undefined ? undefined : numberOf(delayed, "dl")) ?? defaultDelayMs;
  const pictures = await members(cloud, params, transformation);
  const frames = pictures.map(({ frame }) => ({ ...frame, delayMs }));
  const { width, height } = first(frames);
  const isVideo = videoFormats.has(format);
  const asset = await keepGenerated(cloud, {
    name: { resource_type: isVideo ? "video" : "image", type: "multi", public_id: collectionId(params) },
    bytes: isDocument ? await pdfOf(frames) : await encode(frames, format, qualityIn(steps)),
    format,
    size: { width, height },
  });
  const shown = withoutFormat(transformation);
  await keepAsMade(cloud, asset, shown);
  const answer = {
    ...deliveryUrls(cloud, asset, { transformation: shown }),
    asset_id: asset.asset_id,
    public_id: asset.public_id,
    version: asset.version,
  };
  notify(cloud, { type: "multi", body: answer, notificationUrl: params.text("notification_url") ?? null });
  return params.flag("async") === true ? { status: "processing", batch_id: newBatchId() } : answer;
}
