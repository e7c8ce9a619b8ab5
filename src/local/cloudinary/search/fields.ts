import { isPlaceholder } from "../answers.ts";
import { notEmulated } from "../api-error.ts";
import { basename, folderOf } from "../folders.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";

export type Value = string | number;

/** Reads one field. `key` is the part after the dot in `context.alt` and `metadata.sku`, else empty. */
type Reader = (asset: Asset, of: { cloud: Cloud; key: string }) => readonly Value[];

const plain = ["public_id", "asset_id", "resource_type", "type", "format", "display_name", "etag"] as const;
const measured = ["width", "height", "duration", "pages"] as const;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...plain.map((name): [string, Reader] => [name, (asset) => [asset[name]]]),
  ...measured.map((name): [string, Reader] => [name, (asset) => some(asset[name])]),
  ["version", (asset) => [asset.version]],
  ["access_mode", (asset) => [asset.access_mode]],
  ["created_at", (asset) => [asset.created_at]],
  ["uploaded_at", (asset) => [asset.uploaded_at]],
  ["last_updated", updatedAt],
  ["updated_at", updatedAt],
  ["tags", (asset) => asset.tags],
  ["context", (asset, { key }) => (key === "" ? Object.keys(asset.context) : own(asset.context, key))],
  ["metadata", metadataOf],
  ["folder", (asset, { cloud }) => [folderOf(cloud, asset)]],
  ["asset_folder", (asset, { cloud }) => [folderOf(cloud, asset)]],
  ["moderation_status", (asset) => asset.moderation.map((entry) => entry.status)],
  ["moderation_kind", (asset) => asset.moderation.map((entry) => entry.kind)],
  ["filename", (asset) => [basename(asset.public_id)]],
  ["status", (asset) => [asset.placeholder ? "deleted" : "active"]],
  ["bytes", (asset) => [isPlaceholder(asset) ? 0 : asset.bytes]],
  ["page_count", (asset) => some(asset.pages)],
  ["aspect_ratio", ({ width, height = 1 }) => some(width === undefined ? undefined : width / height)],
  ["pixels", ({ width, height = 0 }) => some(width === undefined ? undefined : width * height)],
]);

/** Searchable fields. Those with a single value can also be sorted by. */
export function valuesOf(cloud: Cloud, asset: Asset, field: string): readonly Value[] {
  const { read, key } = readerOf(field);
  return read(asset, { cloud, key });
}

/** Throws for an unsupported search field, even if there are no assets to compare. */
export const requireField = (field: string): void => void readerOf(field);

function readerOf(field: string): { read: Reader; key: string } {
  const at = field.indexOf(".");
  const read = readers.get(at === -1 ? field : field.slice(0, at));
  if (read === undefined) throw notEmulated(`search by the field ${field}`);
  return { read, key: at === -1 ? "" : field.slice(at + 1) };
}

function updatedAt(asset: Asset): string[] {
  return [asset.updated_at ?? asset.uploaded_at];
}

function metadataOf(asset: Asset, { key }: { key: string }): Value[] {
  return own(asset.metadata, key)
    .flat()
    .map((value) => (typeof value === "number" ? value : String(value)));
}

export const dateFields: ReadonlySet<string> = new Set([
  "created_at",
  "uploaded_at",
  "last_updated",
  "updated_at",
]);

/** The fields that a search term without a field name applies to. */
export const textFields = ["public_id", "display_name", "tags", "format", "resource_type"];

function some(value: number | undefined): number[] {
  return value === undefined ? [] : [value];
}

function own<T>(values: Record<string, T>, key: string): T[] {
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  return value === undefined ? [] : [value];
}
