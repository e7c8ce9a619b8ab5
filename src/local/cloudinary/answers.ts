import { deliveryUrls } from "./delivery/delivery-url.ts";
import { folderOf } from "./folders.ts";
import type { Json, JsonObject } from "./json.ts";
import { answerSignature } from "./signing.ts";
import { type Cloud, instant } from "./store/cloud.ts";
import type { Asset, Derived } from "./store/state.ts";

/** Whether the asset is a placeholder: rejected and deleted assets stay listed, without bytes. */
export const isPlaceholder = (asset: Asset): boolean =>
  asset.placeholder || asset.moderation.some((entry) => entry.status === "rejected");

/** An asset as the Upload API returns it. `upload` notifications have the same body without the signature. */
export function uploadAnswer(cloud: Cloud, asset: Asset): JsonObject {
  return {
    asset_id: asset.asset_id,
    public_id: asset.public_id,
    version: asset.version,
    version_id: asset.version_id,
    signature: answerSignature(cloud, asset),
    ...facts(asset),
    ...(asset.format === "" || asset.resource_type === "raw" ? {} : { format: asset.format }),
    resource_type: asset.resource_type,
    created_at: asset.created_at,
    tags: sorted(asset.tags),
    bytes: isPlaceholder(asset) ? 0 : asset.bytes,
    type: asset.type,
    etag: asset.etag,
    placeholder: isPlaceholder(asset),
    ...deliveryUrls(cloud, asset),
    ...place(cloud, asset),
    access_mode: asset.access_mode,
    ...custom(asset),
    ...(Object.keys(asset.metadata).length > 0 ? { metadata: { ...asset.metadata } } : {}),
    ...(asset.access_control === null ? {} : { access_control: accessControl(asset) }),
    ...(asset.moderation.length === 0 ? {} : { moderation: moderations(asset) }),
    ...(asset.original_filename === "" ? {} : { original_filename: asset.original_filename }),
  };
}

/** The labels of an asset that a list includes. */
export interface Include {
  tags: boolean;
  context: boolean;
  metadata: boolean;
  moderation: boolean;
}

/** An asset as the Admin API returns it; lists include labels only on request. */
export function adminAnswer(cloud: Cloud, asset: Asset, include: Include): JsonObject {
  return {
    asset_id: asset.asset_id,
    public_id: asset.public_id,
    format: asset.format,
    version: asset.version,
    resource_type: asset.resource_type,
    type: asset.type,
    created_at: asset.created_at,
    uploaded_at: asset.uploaded_at,
    bytes: isPlaceholder(asset) ? 0 : asset.bytes,
    ...facts(asset),
    folder: folderOf(cloud, asset),
    ...(cloud.folderMode === "fixed" ? {} : place(cloud, asset)),
    ...(isPlaceholder(asset) ? { placeholder: true } : {}),
    access_mode: asset.access_mode,
    access_control: accessControl(asset),
    ...deliveryUrls(cloud, asset),
    ...(include.tags ? { tags: sorted(asset.tags) } : {}),
    ...(include.context ? custom(asset) : {}),
    ...(include.metadata ? { metadata: { ...asset.metadata } } : {}),
    ...(include.moderation && asset.moderation.length > 0
      ? { moderation: moderations(asset), ...lastModeration(asset) }
      : {}),
  };
}

/** The asset's location in the configured folder mode. */
function place(cloud: Cloud, asset: Asset): JsonObject {
  return cloud.folderMode === "fixed"
    ? { folder: folderOf(cloud, asset) }
    : { asset_folder: asset.asset_folder, display_name: asset.display_name };
}

const sorted = (tags: readonly string[]): string[] => [...tags].sort();

export const custom = (asset: Asset): JsonObject =>
  Object.keys(asset.context).length > 0 ? { context: { custom: { ...asset.context } } } : {};

export function facts(asset: Asset): JsonObject {
  const { width, height, pages, duration, frame_rate, nb_frames } = asset;
  return Object.fromEntries(
    Object.entries({ width, height, pages, duration, frame_rate, nb_frames }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

function lastModeration(asset: Asset): JsonObject {
  const last = asset.moderation.at(-1);
  return last === undefined ? {} : { moderation_kind: last.kind, moderation_status: last.status };
}

export const accessControl = (asset: Asset): Json =>
  asset.access_control?.map((rule) => JSON.parse(JSON.stringify(rule))) ?? null;

export const moderations = (asset: Asset): Json =>
  asset.moderation.map(({ kind, status, response, updated_at }) => ({
    ...(response === undefined ? {} : { response }),
    status,
    kind,
    ...(updated_at === undefined ? {} : { updated_at }),
  }));

/** A variant as answers and `eager` notifications list it. Includes the format if the request named one. */
export function derivedAnswer(cloud: Cloud, asset: Asset, derived: Derived): JsonObject {
  const { transformation, width, height, bytes, format } = derived;
  return {
    transformation: derived.asked ?? transformation,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    bytes,
    format,
    ...deliveryUrls(cloud, asset, { transformation, format }),
  };
}

export const nameAnswer = (asset: Asset): JsonObject => ({
  resource_type: asset.resource_type,
  type: asset.type,
  asset_id: asset.asset_id,
  public_id: asset.public_id,
});

/** Records the time of a change; searches read it as `last_updated`. */
export function touched(cloud: Cloud, asset: Asset): void {
  asset.updated_at = instant(cloud);
}

export function json(body: JsonObject, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", ...headers },
  });
}
