import type { AssetName, FoundAsset } from "./api.ts";

/** The name by which the API addresses an asset that it found. */
export function assetNameOf(found: FoundAsset): AssetName {
  return { publicId: found.public_id, resourceType: found.resource_type, type: found.type };
}
