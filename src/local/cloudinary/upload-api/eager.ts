import { randomBytes } from "node:crypto";
import { derivedAnswer } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import { deliveryUrls } from "../delivery/delivery-url.ts";
import { formatOf, splitEager, variant } from "../delivery/variants.ts";
import type { Json, JsonObject } from "../json.ts";
import { notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import { type Cloud, offsetInstant } from "../store/cloud.ts";
import type { Asset, JobOf } from "../store/state.ts";
import { newId } from "../store/store.ts";

export const newBatchId = (): string => randomBytes(32).toString("hex");

/** Makes the variants now, or later with `eager_async`; returns the `eager` part of the answer. */
export async function eager(cloud: Cloud, asset: Asset, params: Params): Promise<JsonObject> {
  const text = params.text("eager");
  if (text === undefined) return {};
  const transformations = text.split("|");
  if (params.flag("eager_async") !== true) {
    const made = await Promise.all(
      transformations.map((transformation) => attempt(cloud, asset, transformation)),
    );
    return { eager: made };
  }
  const batch_id = newBatchId();
  cloud.jobs.schedule(
    {
      kind: "eager",
      asset_id: asset.asset_id,
      version: asset.version,
      transformations,
      batch_id,
      request_id: newId(),
      notification_url: params.text("eager_notification_url") ?? params.text("notification_url") ?? null,
    },
    cloud.delayMs,
  );
  return {
    eager: transformations.map((transformation) => ({
      status: "processing",
      batch_id,
      ...planned(cloud, asset, transformation),
    })),
  };
}

function planned(cloud: Cloud, asset: Asset, text: string): JsonObject {
  const { transformation, format } = splitEager(text);
  const address = { transformation, format: format ?? asset.format };
  return { transformation: text, ...deliveryUrls(cloud, asset, address) };
}

/** A variant that cannot be made is listed as `failed`, as in real notifications. */
async function attempt(cloud: Cloud, asset: Asset, text: string): Promise<JsonObject> {
  const { transformation, format } = splitEager(text);
  try {
    const wanted = { transformation, format: formatOf(asset, { transformation, format }) };
    const asked = format === undefined ? {} : { asked: text };
    return derivedAnswer(cloud, asset, await variant(cloud, asset, { ...wanted, ...asked }));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 501) cloud.notEmulated(error.message);
    return { transformation: text, status: "failed", reason: error.message };
  }
}

/**
 * The asynchronous part: makes the variants and sends the notification. Sends nothing if the asset was deleted
 * meanwhile.
 */
export async function runEager(cloud: Cloud, job: JobOf<"eager">): Promise<void> {
  const asset = cloud.store.byAssetId(job.asset_id);
  if (asset === undefined || asset.placeholder) return;
  const made: Json[] = [];
  for (const transformation of job.transformations) made.push(await attempt(cloud, asset, transformation));
  notify(cloud, {
    type: "eager",
    body: {
      timestamp: offsetInstant(cloud),
      request_id: job.request_id,
      eager: made,
      batch_id: job.batch_id,
      asset_id: asset.asset_id,
      public_id: asset.public_id,
      api_key: cloud.apiKey,
    },
    notificationUrl: job.notification_url,
  });
}
