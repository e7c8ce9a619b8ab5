import { ApiError } from "../api-error.ts";
import { allFolders, basename, dirname, folderOf, trimmed } from "../folders.ts";
import type { JsonObject } from "../json.ts";
import { notify } from "../notifications/notify.ts";
import { pageSize } from "../page-size.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";

/** `GET /folders[/:folder]`: lists the direct subfolders. */
export function listFolders(cloud: Cloud, path: string, params: Params): JsonObject {
  const parent = trimmed(path);
  const all = allFolders(cloud);
  if (parent !== "" && !all.has(parent)) throw unknown(parent);
  const max = pageSize(params, 100);
  const after = params.text("next_cursor") ?? "";
  const below = [...all].filter((path) => dirname(path) === parent).sort();
  const page = below.filter((path) => after === "" || path > after).slice(0, max);
  const last = page.at(-1);
  const hasMore = last !== undefined && last !== below.at(-1);
  return {
    folders: page.map((path) => ({ name: basename(path), path, external_id: "" })),
    next_cursor: hasMore ? last : null,
    total_count: below.length,
  };
}

/** `POST /folders/:folder` */
export function createFolder(cloud: Cloud, path: string): JsonObject {
  const folder = checkedFolder(path);
  const { folders } = cloud.store.state;
  if (!folders.includes(folder)) {
    folders.push(folder);
    tell(cloud, "create_folder", folder);
  }
  return { success: true, path: folder, name: basename(folder) };
}

/** `DELETE /folders/:folder`: deletes a folder that contains no assets, with its empty subfolders. */
export function deleteFolder(cloud: Cloud, path: string): JsonObject {
  const folder = trimmed(path);
  if (!allFolders(cloud).has(folder)) throw unknown(folder);
  const isInside = (path: string): boolean => path === folder || path.startsWith(`${folder}/`);
  const isUsed = cloud.store.state.assets.some(
    (asset) => isInside(folderOf(cloud, asset)) || isInside(dirname(asset.public_id)),
  );
  if (isUsed) throw new ApiError(400, "Folder is not empty");
  const deleted = cloud.store.state.folders.filter(isInside);
  cloud.store.state.folders = cloud.store.state.folders.filter((path) => !isInside(path));
  tell(cloud, "delete_folder", folder);
  return { deleted: deleted.length === 0 ? [folder] : deleted };
}

/** `PUT /folders/:folder`: moves or renames a folder. With dynamic folders, public ids do not change. */
export function renameFolder(cloud: Cloud, path: string, params: Params): JsonObject {
  const from = trimmed(path);
  const to = checkedFolder(params.required("to_folder"));
  const all = allFolders(cloud);
  if (!all.has(from)) throw unknown(from);
  if (to.startsWith(`${from}/`)) throw new ApiError(400, `Folder ${from} cannot be moved into itself`);
  if (all.has(to)) throw new ApiError(409, `Folder ${to} already exists`);
  const moved = (path: string): string =>
    path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
  const { state } = cloud.store;
  state.folders = [...new Set([...state.folders.map(moved), to])];
  for (const asset of state.assets) {
    if (cloud.folderMode === "dynamic") asset.asset_folder = moved(asset.asset_folder);
    else if (asset.public_id.startsWith(`${from}/`))
      cloud.store.rename(asset, { public_id: to + asset.public_id.slice(from.length) });
  }
  notify(cloud, {
    type: "move_or_rename_asset_folder",
    body: { source: "api", from_path: from, to_path: to, status: "success" },
    notificationUrl: null,
  });
  return {
    from: { name: basename(from), path: from },
    to: { name: basename(to), path: to },
  };
}

function checkedFolder(path: string): string {
  const folder = trimmed(path);
  const isNamed = folder.split("/").every((name) => name.trim() !== "" && name === name.trim());
  if (!isNamed || /[?&#\\%<>\p{Cc}]/u.test(folder))
    throw new ApiError(400, `Folder path "${path}" is invalid`);
  return folder;
}

const unknown = (path: string): ApiError => new ApiError(404, `Can't find folder with path ${path}`);

function tell(cloud: Cloud, type: "create_folder" | "delete_folder", path: string): void {
  const body = { source: "api", folder_path: path, folder_name: basename(path) };
  notify(cloud, { type, body, notificationUrl: null });
}
