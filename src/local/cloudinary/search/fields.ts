import { isPlaceholder } from "../answers.ts";
import { notEmulated } from "../api-error.ts";
import { basename, folderOf } from "../folders.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";

export type Value = string | number;

/** What can be searched by, and sorted by where there is one value. */
export function valuesOf(cloud: Cloud, asset: Asset, field: string): readonly Value[] {
  const at = field.indexOf(".");
  const [head, key] = at === -1 ? [field, ""] : [field.slice(0, at), field.slice(at + 1)];
  switch (head) {
    case "context":
      return key === "" ? Object.keys(asset.context) : own(asset.context, key);
    case "metadata":
      return own(asset.metadata, key)
        .flat()
        .map((value) => (typeof value === "number" ? value : String(value)));
    case "tags":
      return asset.tags;
    case "folder":
    case "asset_folder":
      return [folderOf(cloud, asset)];
    case "moderation_status":
      return asset.moderation.map((one) => one.status);
    case "moderation_kind":
      return asset.moderation.map((one) => one.kind);
    case "filename":
      return [basename(asset.public_id)];
    case "status":
      return [asset.placeholder ? "deleted" : "active"];
    case "bytes":
      return [isPlaceholder(asset) ? 0 : asset.bytes];
    case "page_count":
      return some(asset.pages);
    case "aspect_ratio":
      return some(asset.width === undefined ? undefined : asset.width / (asset.height ?? 1));
    case "pixels":
      return some(asset.width === undefined ? undefined : asset.width * (asset.height ?? 0));
    case "width":
    case "height":
    case "duration":
    case "pages":
      return some(asset[head]);
    case "last_updated":
    case "updated_at":
      return [asset.updated_at ?? asset.uploaded_at];
    case "public_id":
    case "asset_id":
    case "resource_type":
    case "type":
    case "format":
    case "display_name":
    case "etag":
    case "version":
    case "access_mode":
    case "created_at":
    case "uploaded_at":
      return [asset[head]];
    default:
      throw notEmulated(`search by the field ${field}`);
  }
}

export const dateFields: ReadonlySet<string> = new Set([
  "created_at",
  "uploaded_at",
  "last_updated",
  "updated_at",
]);

/** The fields that a word alone is looked for in. */
export const textFields = ["public_id", "display_name", "tags", "format", "resource_type"];

const some = (value: number | undefined): number[] => (value === undefined ? [] : [value]);

const own = <T>(values: Record<string, T>, key: string): T[] => {
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  return value === undefined ? [] : [value];
};
