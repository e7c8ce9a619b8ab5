import { ApiError } from "../api-error.ts";
import { must } from "../call.ts";
import { basename } from "../folders.ts";
import type { Params } from "../params.ts";
import { type Cloud, seconds } from "../store/cloud.ts";
import type { Asset, ResourceType } from "../store/state.ts";
import { served } from "./served.ts";
import { variant } from "./variants.ts";

export const downloadParameters: readonly string[] = [
  "public_id",
  "asset_id",
  "format",
  "type",
  "transformation",
  "expires_at",
  "attachment",
  "target_filename",
  "version_id",
  "mode",
];

/** A link without `expires_at` is valid for an hour. */
const lifetimeSeconds = 3_600;

/**
 * `GET /:resource_type/download`, the target of `private_download_url`: the original or a variant, whatever its access
 * mode.
 */
export async function download(
  cloud: Cloud,
  resource_type: ResourceType,
  of: { request: Request; params: Params },
): Promise<Response> {
  const { params } = of;
  checkExpiry(cloud, params);
  const public_id = params.required("public_id");
  const type = params.text("type") ?? "upload";
  return sent(cloud, must(cloud.store.find({ resource_type, type, public_id }), public_id), of);
}

/** `GET /asset/download`: the same by asset id. */
export async function downloadByAssetId(
  cloud: Cloud,
  of: { request: Request; params: Params },
): Promise<Response> {
  checkExpiry(cloud, of.params);
  const assetId = of.params.required("asset_id");
  return sent(cloud, must(cloud.store.byAssetId(assetId), assetId), of);
}

/** `GET /download_backup`: downloads one version. */
export async function downloadBackup(
  cloud: Cloud,
  { request, params }: { request: Request; params: Params },
): Promise<Response> {
  checkExpiry(cloud, params);
  const assetId = params.required("asset_id");
  const versionId = params.required("version_id");
  const asset = must(cloud.store.byAssetId(assetId), assetId);
  const version = must(
    asset.versions.find((version) => version.version_id === versionId),
    versionId,
  );
  return served({ bytes: await cloud.store.read(version.file), format: version.format }, request);
}

export function checkExpiry(cloud: Cloud, params: Params): void {
  const until = Number(params.text("expires_at") ?? Number(params.text("timestamp")) + lifetimeSeconds);
  if (!(seconds(cloud) <= until)) throw new ApiError(401, "This download link has expired");
}

async function sent(
  cloud: Cloud,
  asset: Asset,
  { request, params }: { request: Request; params: Params },
): Promise<Response> {
  if (asset.placeholder) throw new ApiError(404, `Resource not found - ${asset.public_id}`);
  const format = asset.resource_type === "raw" ? asset.format : (params.text("format") ?? asset.format);
  const transformation = params.text("transformation") ?? "";
  const isOriginal = transformation === "" && format === asset.format;
  const file = isOriginal ? asset.file : (await variant(cloud, asset, { transformation, format })).file;
  const name = params.text("target_filename") ?? basename(asset.public_id);
  const whole = asset.resource_type === "raw" || format === "" ? name : `${name}.${format}`;
  return served({ bytes: await cloud.store.read(file), format }, request, {
    "Cache-Control": "private, no-store",
    ...(params.flag("attachment") === true
      ? { "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(whole)}` }
      : {}),
  });
}
