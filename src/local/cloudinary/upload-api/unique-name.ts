import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { newId } from "../store/store.ts";

/** Adds a random suffix if the folder already has an asset of this name. */
export function uniqueName(
  cloud: Cloud,
  wanted: { asset_folder: string; display_name: string },
  own: Asset | undefined,
): string {
  const isTaken = cloud.store.state.assets.some(
    (asset) =>
      asset !== own &&
      asset.asset_folder === wanted.asset_folder &&
      asset.display_name === wanted.display_name,
  );
  return isTaken ? `${wanted.display_name}_${newId().slice(0, 6)}` : wanted.display_name;
}
