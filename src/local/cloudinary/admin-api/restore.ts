import { touched, uploadAnswer } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import { must } from "../call.ts";
import type { JsonObject } from "../json.ts";
import { notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import { type Cloud, offsetInstant, seconds } from "../store/cloud.ts";
import type { Asset, ResourceType, Version } from "../store/state.ts";
import { newId } from "../store/store.ts";
import { versionAnswer } from "../upload-api/backup.ts";

/** `POST /resources/:resource_type/:type/restore`; the answer is keyed by public id. */
export async function restore(
  cloud: Cloud,
  of: { resourceType: ResourceType; type: string },
  params: Params,
): Promise<JsonObject> {
  const ids = params.list("public_ids");
  const found = ids.map((public_id): [string, Asset | undefined] => [
    public_id,
    cloud.store.find({ resource_type: of.resourceType, type: of.type, public_id }),
  ]);
  return restored(cloud, found, params);
}

/** `POST /resources/restore` by asset ids. */
export async function restoreByAssetIds(cloud: Cloud, params: Params): Promise<JsonObject> {
  const ids = params.list("asset_ids");
  return restored(
    cloud,
    ids.map((id) => [id, cloud.store.byAssetId(id)]),
    params,
  );
}

async function restored(
  cloud: Cloud,
  found: readonly (readonly [string, Asset | undefined])[],
  params: Params,
): Promise<JsonObject> {
  const versions = params.list("versions");
  if (found.length === 0) throw new ApiError(400, "Missing required parameter - public_ids");
  if (versions.length > 0 && versions.length !== found.length)
    throw new ApiError(400, "versions count must match ids count");
  // `fromEntries` is safe for a public id such as `__proto__`.
  const answers: [string, JsonObject][] = [];
  for (const [at, [id, asset]] of found.entries()) {
    const version = asset?.versions.findLast(
      (version) => versions[at] === undefined || version.version_id === versions[at],
    );
    if (asset === undefined || version === undefined) {
      answers.push([id, { error: asset === undefined ? "no_backup" : "no_such_version" }]);
      continue;
    }
    // Nothing to restore: the asset has its bytes and no other version is requested.
    if (asset.placeholder || versions[at] !== undefined)
      await bringBack(cloud, { asset, version, notificationUrl: params.text("notification_url") ?? null });
    answers.push([id, uploadAnswer(cloud, asset)]);
  }
  return Object.fromEntries(answers);
}

async function bringBack(
  cloud: Cloud,
  back: { asset: Asset; version: Version; notificationUrl: string | null },
): Promise<void> {
  const { asset, version } = back;
  const { version_id, format, bytes, etag, file, width, height } = version;
  await cloud.store.dropDerived(asset);
  Object.assign(asset, {
    placeholder: false,
    version: Math.max(seconds(cloud), asset.version + 1),
    version_id,
    format,
    bytes,
    etag,
    file,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  });
  touched(cloud, asset);
  const { signature: _, ...body } = uploadAnswer(cloud, asset);
  notify(cloud, {
    type: "restore_asset_version",
    body: { timestamp: offsetInstant(cloud), request_id: newId(), ...body },
    notificationUrl: back.notificationUrl,
  });
}

/** `DELETE /resources/backup/:asset_id`: permanently deletes versions from the backup. */
export async function deleteVersions(cloud: Cloud, assetId: string, params: Params): Promise<JsonObject> {
  const asset = must(cloud.store.byAssetId(assetId), assetId);
  const ids = params.list("version_ids");
  const gone = asset.versions.filter((version) => ids.includes(version.version_id));
  const unknown = ids.find((id) => !gone.some((version) => version.version_id === id));
  if (gone.length === 0 && unknown !== undefined) throw new ApiError(404, `Version ${unknown} not found`);
  asset.versions = asset.versions.filter((version) => !gone.includes(version));
  for (const version of gone) if (version.file !== asset.file) await cloud.store.drop(version.file);
  if (asset.placeholder && asset.versions.length === 0) await cloud.store.remove(asset);
  return {
    asset_id: assetId,
    deleted_version_ids: gone.map((version) => version.version_id),
    versions: asset.versions.map(versionAnswer),
  };
}
