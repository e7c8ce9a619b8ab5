import * as z from "zod";
import type { Asset } from "../asset.ts";
import { define, wire } from "../define.ts";

const fields = { source: z.string().nullish(), folder_path: z.string(), folder_name: z.string().nullish() };

function noAssets(): Asset[] {
  return [];
}

function readFolder(body: { folder_path: string; folder_name?: string | null | undefined }) {
  const { folder_path: path } = body;
  return {
    assets: noAssets(),
    folder: { path, name: body.folder_name ?? path.slice(path.lastIndexOf("/") + 1) },
  };
}

export const createFolder = define("create_folder", {
  when: "a folder is created",
  carries: "`folder`: path and name",
  schema: wire("create_folder", fields),
  read: readFolder,
});

export const deleteFolder = define("delete_folder", {
  when: "a folder is deleted",
  carries: "`folder`: path and name",
  schema: wire("delete_folder", fields),
  read: readFolder,
});

export const moveFolder = define("move_or_rename_asset_folder", {
  when: "a folder is moved or renamed",
  carries: "`from` and `to`, paths; `status`",
  schema: wire("move_or_rename_asset_folder", {
    source: z.string().nullish(),
    from_path: z.string(),
    to_path: z.string(),
    status: z.string().nullish(),
  }),
  read: (body) => ({
    assets: noAssets(),
    from: body.from_path,
    to: body.to_path,
    status: body.status ?? undefined,
  }),
});
