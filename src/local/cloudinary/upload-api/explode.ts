import { ApiError, notFound } from "../api-error.ts";
import { deliveryUrls } from "../delivery/delivery-url.ts";
import { variant } from "../delivery/variants.ts";
import type { JsonObject } from "../json.ts";
import { notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { JobOf } from "../store/state.ts";
import { newBatchId } from "./eager.ts";

/** `POST /image/explode`: stores every page of an animation as a separate picture, asynchronously. */
export function explode(cloud: Cloud, params: Params): JsonObject {
  const public_id = params.required("public_id");
  const asset = cloud.store.find({
    resource_type: "image",
    type: params.text("type") ?? "upload",
    public_id,
  });
  if (asset === undefined) throw notFound(public_id);
  const steps = (params.text("transformation") ?? "pg_all").split(/[,/]/);
  if (!steps.includes("pg_all")) throw new ApiError(400, "Explode needs page: 'all'");
  const batch_id = newBatchId();
  cloud.jobs.schedule(
    {
      kind: "explode",
      asset_id: asset.asset_id,
      version: asset.version,
      transformation: steps.filter((step) => step !== "pg_all").join(","),
      format: params.text("format") ?? "png",
      batch_id,
      notification_url: params.text("notification_url") ?? null,
    },
    cloud.delayMs,
  );
  return { status: "processing", batch_id };
}

export async function runExplode(cloud: Cloud, job: JobOf<"explode">): Promise<void> {
  const asset = cloud.store.byAssetId(job.asset_id);
  if (asset === undefined || asset.version !== job.version) return;
  const pages = asset.pages ?? 1;
  const image_infos: JsonObject[] = [];
  for (let page = 1; page <= pages; page += 1) {
    const transformation = [job.transformation, `pg_${page}`].filter((part) => part !== "").join(",");
    const {
      width = 0,
      height = 0,
      bytes,
    } = await variant(cloud, asset, { transformation, format: job.format });
    image_infos.push({
      width,
      height,
      bytes,
      ...deliveryUrls(cloud, asset, { transformation, format: job.format }),
    });
  }
  notify(cloud, {
    type: "explode",
    body: { pages, image_infos, batch_id: job.batch_id, asset_id: asset.asset_id },
    notificationUrl: job.notification_url,
  });
}
