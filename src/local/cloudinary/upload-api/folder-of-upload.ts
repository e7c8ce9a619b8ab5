import { folderOf } from "../folders.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";

/** An upload into a new folder creates it; the folder remains when the asset is deleted. */
export function createFolderFor(cloud: Cloud, asset: Asset): void {
  const folder = folderOf(cloud, asset);
  const { folders } = cloud.store.state;
  if (folder !== "" && !folders.includes(folder)) folders.push(folder);
}
