import { accessControl, nameAnswer, touched } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import { trimmed } from "../folders.ts";
import type { Json, JsonObject } from "../json.ts";
import { typedValues } from "../metadata/values.ts";
import { type Actor, notify } from "../notifications/notify.ts";
import { type Params, pairsOf, tagsOf } from "../params.ts";
import { type Cloud, offsetInstant } from "../store/cloud.ts";
import { type AccessRule, type Asset, stateSchema } from "../store/state.ts";
import { newId } from "../store/store.ts";
import { coordinatesOf } from "./coordinates.ts";
import { createFolderFor } from "./folder-of-upload.ts";
import { uniqueName } from "./unique-name.ts";

/** What the notification of one label change reports besides the labels. */
export interface Told {
  notificationUrl: string | null;
  actor?: Actor;
}

const source = (told: Told): Json => told.actor?.source ?? "api";

/** Sets the tags of each asset and sends one notification for those that changed. */
export function changeTags(
  cloud: Cloud,
  assets: readonly Asset[],
  change: { to: (asset: Asset) => string[]; told: Told },
): void {
  const resources = assets.flatMap((asset): JsonObject[] => {
    const before = asset.tags;
    asset.tags = [...new Set(change.to(asset))];
    const added = asset.tags.filter((tag) => !before.includes(tag));
    const removed = before.filter((tag) => !asset.tags.includes(tag));
    return added.length + removed.length === 0 ? [] : [{ ...nameAnswer(asset), added, removed }];
  });
  if (resources.length === 0) return;
  notify(cloud, {
    type: "resource_tags_changed",
    body: { source: source(change.told), resources },
    ...change.told,
  });
}

/** The same for contextual metadata. Here `resources` is keyed by public id, as in the real notification. */
export function changeContext(
  cloud: Cloud,
  assets: readonly Asset[],
  change: { to: (asset: Asset) => Record<string, string>; told: Told },
): void {
  const resources = assets.flatMap((asset): [string, JsonObject][] => {
    const before = asset.context;
    asset.context = change.to(asset);
    const entries = Object.entries(asset.context);
    const added = Object.fromEntries(entries.filter(([key]) => !Object.hasOwn(before, key)));
    const updated = Object.fromEntries(
      entries.filter(([key, value]) => Object.hasOwn(before, key) && before[key] !== value),
    );
    const removed = Object.keys(before).filter((key) => !Object.hasOwn(asset.context, key));
    const isSame =
      entries.length === Object.keys(before).length && removed.length + Object.keys(updated).length === 0;
    return isSame ? [] : [[asset.public_id, { ...nameAnswer(asset), added, updated, removed }]];
  });
  if (resources.length === 0) return;
  const body = { source: source(change.told), resources: Object.fromEntries(resources) };
  notify(cloud, { type: "resource_context_changed", body, ...change.told });
}

export function changeMetadata(
  cloud: Cloud,
  assets: readonly Asset[],
  change: { values: Readonly<Record<string, Json>>; told: Told },
): void {
  const resources = assets.flatMap((asset): [string, JsonObject][] => {
    const previous_metadata = asset.metadata;
    asset.metadata = withoutEmpty({ ...asset.metadata, ...change.values });
    const isSame = JSON.stringify(previous_metadata) === JSON.stringify(asset.metadata);
    return isSame
      ? []
      : [[asset.public_id, { ...nameAnswer(asset), previous_metadata, new_metadata: asset.metadata }]];
  });
  if (resources.length === 0) return;
  const body = { source: source(change.told), resources: Object.fromEntries(resources) };
  notify(cloud, { type: "resource_metadata_changed", body, ...change.told });
}

export function changeAccessControl(
  cloud: Cloud,
  asset: Asset,
  change: { to: AccessRule[] | null; told: Told },
): void {
  const previous_access_control = accessControl(asset) ?? [];
  asset.access_control = change.to;
  const new_access_control = accessControl(asset) ?? [];
  if (JSON.stringify(previous_access_control) === JSON.stringify(new_access_control)) return;
  const resources = [{ ...nameAnswer(asset), previous_access_control, new_access_control }];
  notify(cloud, {
    type: "access_control_changed",
    body: { source: source(change.told), resources },
    ...change.told,
  });
}

export function changeDisplayName(cloud: Cloud, asset: Asset, change: { to: string; told: Told }): void {
  const previous_display_name = asset.display_name;
  asset.display_name = change.to;
  if (previous_display_name === change.to) return;
  const { asset_folder } = asset;
  const entry = { ...nameAnswer(asset), asset_folder, previous_display_name, new_display_name: change.to };
  notify(cloud, {
    type: "resource_display_name_changed",
    body: {
      timestamp: offsetInstant(cloud),
      request_id: newId(),
      source: source(change.told),
      resources: { [asset.public_id]: entry },
    },
    ...change.told,
  });
}

/** `move`: changes the asset folder; the public id stays. */
export function changeFolder(cloud: Cloud, asset: Asset, change: { to: string; told: Told }): void {
  const from_asset_folder = asset.asset_folder;
  asset.asset_folder = change.to;
  if (from_asset_folder === change.to) return;
  createFolderFor(cloud, asset);
  const { display_name } = asset;
  const entry = { ...nameAnswer(asset), display_name, from_asset_folder, to_asset_folder: change.to };
  const body = { source: source(change.told), resources: { [asset.public_id]: entry } };
  notify(cloud, { type: "move", body, ...change.told });
}

/** Labels of a call, parsed and validated. */
type Labels = ReturnType<typeof labelsIn>;

/** Parses the labels of an `explicit` or `update`; throws for the first invalid one, before any change. */
export function labelsIn(cloud: Cloud, params: Params) {
  const context = params.text("context");
  const metadata = params.text("metadata");
  const folder = params.text("asset_folder");
  return {
    tags: params.fields.has("tags") ? tagsOf(params) : undefined,
    context: context === undefined ? undefined : pairsOf(context),
    metadata: metadata === undefined ? undefined : typedValues(cloud, pairsOf(metadata)),
    accessControl: params.fields.has("access_control") ? parseAccessControl(params) : undefined,
    displayName: params.text("display_name"),
    isUniqueName: params.flag("unique_display_name") === true,
    folder: folder === undefined || cloud.folderMode === "fixed" ? undefined : trimmed(folder),
    coordinates: coordinatesOf(params),
  };
}

/** Applies the label parameters that `explicit` and `update` share. */
export function applyLabels(cloud: Cloud, asset: Asset, labels: Labels, told: Told): void {
  const { tags, context, metadata, accessControl, displayName, folder } = labels;
  if (tags !== undefined) changeTags(cloud, [asset], { to: () => tags, told });
  if (context !== undefined) changeContext(cloud, [asset], { to: () => context, told });
  if (metadata !== undefined) changeMetadata(cloud, [asset], { values: metadata, told });
  if (accessControl !== undefined) changeAccessControl(cloud, asset, { to: accessControl, told });
  if (displayName !== undefined) changeDisplayName(cloud, asset, { to: displayName, told });
  if (folder !== undefined) changeFolder(cloud, asset, { to: folder, told });
  if (labels.isUniqueName) changeDisplayName(cloud, asset, { to: uniqueName(cloud, asset, asset), told });
  Object.assign(asset, labels.coordinates);
  touched(cloud, asset);
}

/** The parameters that `labelsIn` reads. */
export const labelParameters = [
  "tags",
  "context",
  "metadata",
  "access_control",
  "display_name",
  "unique_display_name",
  "asset_folder",
  "face_coordinates",
  "custom_coordinates",
];

const rules = stateSchema.shape.assets.element.shape.access_control;

/** A list as JSON text; null or an empty list removes all restrictions. */
export function parseAccessControl(params: Params): AccessRule[] | null {
  const text = params.text("access_control");
  if (text === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ApiError(400, `Invalid access_control ${text}`, { cause });
  }
  const parsed = rules.safeParse(value);
  const isWrong = (instant: string | undefined): boolean => instant !== undefined && !Date.parse(instant);
  if (!parsed.success || parsed.data?.some(({ start, end }) => isWrong(start) || isWrong(end)) === true)
    throw new ApiError(400, `Invalid access_control ${text}`);
  return parsed.data === null || parsed.data.length === 0 ? null : parsed.data;
}

/** An empty value clears the field. */
const withoutEmpty = (values: Record<string, Json>): Record<string, Json> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== null));
