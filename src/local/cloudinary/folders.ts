import type { Cloud } from "./store/cloud.ts";
import type { Asset } from "./store/state.ts";

/** The asset's folder: with fixed folders the path in its public id, with dynamic folders a separate property. */
export const folderOf = (cloud: Cloud, asset: Asset): string =>
  cloud.folderMode === "fixed" ? dirname(asset.public_id) : asset.asset_folder;

export const dirname = (path: string): string => path.split("/").slice(0, -1).join("/");
export const basename = (path: string): string => path.split("/").at(-1) ?? "";

/** Removes leading and trailing slashes. */
export const trimmed = (path: string): string => path.replace(/^\/+|\/+$/g, "");

/** All folders with their parents: those created explicitly and those that contain assets. */
export function allFolders(cloud: Cloud): Set<string> {
  const paths = new Set<string>();
  const { folders, assets } = cloud.store.state;
  // Slashes in public ids also create folders if the account creates folders automatically, which is the default of
  // real accounts.
  const named = assets.flatMap((asset) => [folderOf(cloud, asset), dirname(asset.public_id)]);
  for (const path of [...folders, ...named]) {
    for (let at = path; at !== ""; at = dirname(at)) paths.add(at);
  }
  return paths;
}
