import { ApiError } from "../api-error.ts";
import { withoutBackground } from "../media/effects.ts";
import { decode, encode } from "../media/picture.ts";
import { notify } from "../notifications/notify.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, JobOf } from "../store/state.ts";
import { etagOf } from "../store/store.ts";
import { identity } from "./moderation.ts";

/** Schedules the add-on's job if the call requests it. */
export function removeBackground(
  cloud: Cloud,
  asset: Asset,
  asked: { addOn: string; notificationUrl: string | null },
): void {
  if (asked.addOn !== "cloudinary_ai")
    throw new ApiError(400, `Background removal ${asked.addOn} is invalid`);
  if (asset.resource_type !== "image") throw new ApiError(400, "Background removal works on images only");
  asset.background_removal = "pending";
  cloud.jobs.schedule(
    {
      kind: "remove-background",
      asset_id: asset.asset_id,
      version: asset.version,
      notification_url: asked.notificationUrl,
    },
    cloud.delayMs,
  );
}

/** Replaces the picture under the same version and sends `info`. */
export async function runRemoveBackground(cloud: Cloud, job: JobOf<"remove-background">): Promise<void> {
  const asset = cloud.store.byAssetId(job.asset_id);
  if (asset === undefined || asset.version !== job.version) return;
  const picture = await decode(await cloud.store.read(asset.file));
  if (picture === null) return;
  const bytes = await encode(await Promise.all(picture.map(withoutBackground)), asset.format);
  const before = asset.file;
  asset.file = await cloud.store.keep(bytes, asset.format);
  asset.bytes = bytes.length;
  asset.etag = etagOf(bytes);
  asset.background_removal = "complete";
  await cloud.store.dropDerived(asset);
  await cloud.store.drop(before);
  notify(cloud, {
    type: "info",
    body: {
      info_kind: "cloudinary_ai",
      info_status: "complete",
      ...identity(cloud, asset),
      etag: asset.etag,
      info_data: { cloudinary_ai_hints: [], cloudinary_ai_fine_edges: false, confidence_score: 0.951 },
    },
    notificationUrl: job.notification_url,
  });
}
