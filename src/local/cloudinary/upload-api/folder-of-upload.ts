import { folderOf } from "../folders.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";

/** An upload into a folder that is not there creates it: it stays when the asset goes. */
export function createFolderFor(cloud: Cloud, asset: Asset): void {
  const folder = folderOf(cloud, asset);
  const { folders } = cloud.store.state;
  if (folder !== "" && !folders.includes(folder)) folders.push(folder);
}
