import type { JsonObject } from "../json.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, Version } from "../store/state.ts";

/** The asset's versions, including the current one: its bytes are kept when the asset is replaced or deleted. */
export function withVersion(cloud: Cloud, asset: Asset): Version[] {
  const { version_id, version, format, bytes, etag, file, width, height } = asset;
  return [
    ...asset.versions,
    {
      version_id,
      version,
      format,
      bytes,
      etag,
      created_at: new Date(cloud.now()).toISOString().replace(/\.\d+Z$/, "Z"),
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      file,
    },
  ];
}

/** A version as the Admin API lists it, newest last. */
export const versionAnswer = ({ version_id, version, format, bytes, created_at }: Version): JsonObject => ({
  version_id,
  version: String(version),
  format,
  size: bytes,
  time: created_at,
  restorable: true,
});

/** The placeholder of a deleted asset with a backup, until it is restored. */
export async function becomePlaceholder(cloud: Cloud, asset: Asset): Promise<void> {
  await cloud.store.dropDerived(asset);
  const kept = new Set(asset.versions.map((version) => version.file));
  if (!kept.has(asset.file)) await cloud.store.drop(asset.file);
  Object.assign(asset, { placeholder: true, file: "" });
}
