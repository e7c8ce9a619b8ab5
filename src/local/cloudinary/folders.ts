import type { Cloud } from "./store/cloud.ts";
import type { Asset } from "./store/state.ts";

/** The folder that an asset is in: with fixed folders the path in its public id, with dynamic ones a property of its own. */
export const folderOf = (cloud: Cloud, asset: Asset): string =>
  cloud.folderMode === "fixed" ? dirname(asset.public_id) : asset.asset_folder;

export const dirname = (path: string): string => path.split("/").slice(0, -1).join("/");
export const basename = (path: string): string => path.split("/").at(-1) ?? "";

/** A folder's path without slashes at its ends. */
export const trimmed = (path: string): string => path.replace(/^\/+|\/+$/g, "");

/** Every folder there is, with those above it: created ones and those that assets are in. */
export function allFolders(cloud: Cloud): Set<string> {
  const paths = new Set<string>();
  const { folders, assets } = cloud.store.state;
  // Public ids with slashes make folders too where folders are created by themselves, as real accounts do by default.
  const named = assets.flatMap((asset) => [folderOf(cloud, asset), dirname(asset.public_id)]);
  for (const path of [...folders, ...named]) {
    for (let at = path; at !== ""; at = dirname(at)) paths.add(at);
  }
  return paths;
}
