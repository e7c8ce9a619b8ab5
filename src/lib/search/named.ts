import type { Asset, CloudinaryNotification } from "../notifications/notification.ts";
import { isObject, type JsonObject } from "../shared/json.ts";
import { own } from "../shared/own.ts";
import { fold } from "./fold.ts";

/** What a notification names, as it is added to the text of its asset. */
export interface Named {
  /** Folded, one value a line. */
  lines: string[];
  /** The SKUs, tags, people and names as they are written, each after its sign. */
  labels: string[];
  /** The display name, else the alternative text or the file name. */
  name: string | null;
  /** The delivery URL of its picture. */
  picture: string | null;
}

/** The signs of values that filters compare as a whole. */
export const signs = { tag: "#", sku: "$", person: "@", cloud: "^" } as const;

const maxValueLength = 300;
const maxLines = 400;
const maxLabels = 60;

export interface NamedSource {
  content: CloudinaryNotification;
  /** The columns of the record. */
  publicId: string | null;
  assetId: string | null;
  cloud: string | null;
  skus: readonly string[];
}

/** Everything in a notification by which people search for it. */
export function namedIn({ content, publicId, assetId, cloud, skus }: NamedSource): Named {
  const { assets } = content;
  const tags = [...assets.flatMap(({ tags = [] }) => tags), ...changedTags(content)];
  const fileNames = fileNamesOf(content);
  const [only] = assets.length === 1 ? assets : [];
  const alt = only?.context?.alt;
  const displayNames = assets.flatMap(({ display_name: name }) => name || []);
  const names = [...displayNames, ...fileNames, ...(alt ? [alt] : [])];
  const plain = [
    publicId,
    assetId,
    ...assets.flatMap((asset) => [asset.public_id, asset.asset_id, asset.asset_folder]),
    ...names,
    ...assets.flatMap(valuesOf),
    ...otherTexts(content),
  ];
  const people = tags.flatMap((tag) => /^(?:person|face|faceLabel):\s*(\S.*)$/i.exec(tag)?.[1] ?? []);
  const marked = [
    ...skus.map((sku) => signs.sku + sku),
    ...tags.map((tag) => signs.tag + tag),
    ...people.map((person) => signs.person + person),
  ];
  const clouds = cloud === null ? [] : [signs.cloud + cloud];
  return {
    lines: distinct([...plain, ...marked, ...clouds].flatMap((text) => lineOf(text) ?? [])).slice(
      0,
      maxLines,
    ),
    labels: distinct([...marked, ...fileNames.map((name) => `"${name}`)].flatMap((text) => cut(text))).slice(
      0,
      maxLabels,
    ),
    name: (only?.display_name || alt || fileNames[0]) ?? null,
    picture: only === undefined || content.type.startsWith("delete") ? null : (only.secure_url ?? null),
  };
}

/** A value as a line of the text; null if nothing is left of it. */
export function lineOf(value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  const line = fold(cut(value).replaceAll("\0", "")).trim();
  return line === "" ? null : line;
}

const cut = (text: string): string =>
  [...text.slice(0, 2 * maxValueLength)].slice(0, maxValueLength).join("");
const distinct = (values: readonly string[]): string[] => [...new Set(values)];

/** Metadata and context: each value, and `key=value`. */
function valuesOf({ metadata = {}, context = {} }: Asset): string[] {
  return [...Object.entries(metadata), ...Object.entries(context)].flatMap(([key, value]) =>
    textsIn(value).map((text) => `${key}=${text}`),
  );
}

/** A text, a number, or a list of them or of `{value}` and `{external_id}`, as metadata fields have. */
function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (depth > 3) return [];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, depth + 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    ["value", "external_id", "label"].includes(key) ? textsIn(item, depth + 1) : [],
  );
}

function fileNamesOf(content: CloudinaryNotification): string[] {
  if (content.type !== "upload" || !content.body.original_filename) return [];
  const { original_filename: name, format } = content.body;
  return [format && !name.toLowerCase().endsWith(`.${format.toLowerCase()}`) ? `${name}.${format}` : name];
}

function changedTags(content: CloudinaryNotification): string[] {
  return content.type === "resource_tags_changed"
    ? content.changes.flatMap(({ added, removed }) => [...added, ...removed])
    : [];
}

/** Values that only some types have: earlier names, folders, changed values. */
function otherTexts(content: CloudinaryNotification): string[] {
  switch (content.type) {
    case "rename":
      return [content.from, content.to];
    case "create_folder":
    case "delete_folder":
      return [content.folder.path];
    case "move_or_rename_asset_folder":
      return [content.from, content.to];
    case "move":
    case "resource_display_name_changed":
      return content.changes.flatMap(({ previous, next }) => [previous, next].flatMap((text) => text ?? []));
    case "resource_context_changed":
      return content.changes.flatMap(({ set }) => valuesOf({ identity: "", context: set }));
    case "resource_metadata_changed":
      return content.changes.flatMap(({ next }) =>
        next === null ? [] : valuesOf({ identity: "", metadata: next }),
      );
    case "info":
      return content.info.kind === "google_video_tagging" ? content.info.tags.map(({ tag }) => tag) : [];
    case "custom":
    case "unknown":
    case "all":
      return textsOf(content.body);
    default:
      return [];
  }
}

const named = [
  "public_id",
  "asset_id",
  "display_name",
  "original_filename",
  "folder",
  "asset_folder",
  "name",
];

/** The names in a body with an unknown structure. */
function textsOf(body: JsonObject): string[] {
  return named.flatMap((key) => textsIn(own(body, key)));
}
