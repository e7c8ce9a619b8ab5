import * as z from "zod";
import { type Asset, asset, type WireAsset } from "../asset.ts";
import {
  type Context,
  emptyRecord,
  type Metadata,
  readContext,
  readMetadata,
  readNames,
} from "../context.ts";
import { define, wire } from "../define.ts";
import { assetFields, context, entries, type Keyed, keyed, metadata } from "../wire.ts";

/** The change of one asset. null: the body does not contain it. */
export interface Change<V> {
  asset: Asset;
  previous: V | null;
  next: V | null;
}

const source = z.string().nullish();
const accessRule = z.looseObject({
  access_type: z.string(),
  key: z.string().nullish(),
  start: z.string().nullish(),
  end: z.string().nullish(),
});

/** Who can see an asset: `anonymous` means everyone between `start` and `end`, `token` only token holders. */
export interface AccessRule {
  access_type: string;
  key?: string;
  start?: string;
  end?: string;
}

export const tagsChanged = define("resource_tags_changed", {
  when: "tags of assets are added or removed",
  carries: "`changes`: for each asset the tags `added` and `removed`",
  schema: wire("resource_tags_changed", {
    source,
    resources: keyed(
      z.looseObject({
        ...assetFields,
        added: z.array(z.string()).nullish(),
        removed: z.array(z.string()).nullish(),
        updated: z.array(z.string()).nullish(),
      }),
    ),
  }),
  read: (body) =>
    changed(body.resources, (entry, asset) => ({
      asset,
      added: [...(entry.added ?? []), ...(entry.updated ?? [])],
      removed: entry.removed ?? [],
    })),
});

export const contextChanged = define("resource_context_changed", {
  when: "contextual metadata of assets changes",
  carries: "`changes`: for each asset the values `set` (added or updated) and the keys `removed`",
  schema: wire("resource_context_changed", {
    source,
    resources: keyed(
      z.looseObject({
        ...assetFields,
        added: context.optional(),
        removed: context.optional(),
        updated: context.optional(),
      }),
    ),
  }),
  read: (body) =>
    changed(body.resources, (entry, asset) => ({
      asset,
      set: merged(readContext(entry.added ?? null), readContext(entry.updated ?? null)),
      removed: readNames(entry.removed ?? null),
    })),
});

export const metadataChanged = define("resource_metadata_changed", {
  when: "structured metadata of assets changes",
  carries: "`changes`: for each asset the `previous` and `next` values",
  schema: wire("resource_metadata_changed", {
    source,
    resources: keyed(
      z.looseObject({
        ...assetFields,
        previous_metadata: metadata.optional(),
        new_metadata: metadata.optional(),
      }),
    ),
  }),
  read: (body) =>
    changed(
      body.resources,
      (entry, asset): Change<Metadata> => ({
        asset,
        previous: entry.previous_metadata === undefined ? null : readMetadata(entry.previous_metadata),
        next: entry.new_metadata === undefined ? null : readMetadata(entry.new_metadata),
      }),
    ),
});

export const displayNameChanged = define("resource_display_name_changed", {
  when: "display names of assets change",
  carries: "`changes`: for each asset the `previous` and `next` name",
  schema: wire("resource_display_name_changed", {
    source,
    resources: keyed(
      z.looseObject({
        ...assetFields,
        previous_display_name: z.string().nullish(),
        new_display_name: z.string().nullish(),
      }),
    ),
  }),
  read: (body) =>
    changed(body.resources, (entry, asset): Change<string> => {
      const next = entry.new_display_name ?? null;
      return {
        asset: next === null ? asset : { ...asset, display_name: next },
        previous: entry.previous_display_name ?? null,
        next,
      };
    }),
});

export const accessControlChanged = define("access_control_changed", {
  when: "the access control of assets changes",
  carries: "`changes`: for each asset the `previous` and `next` rules",
  schema: wire("access_control_changed", {
    source,
    resources: keyed(
      z.looseObject({
        ...assetFields,
        previous_access_control: z.array(accessRule).nullish(),
        new_access_control: z.array(accessRule).nullish(),
      }),
    ),
  }),
  read: (body) =>
    changed(
      body.resources,
      (entry, asset): Change<AccessRule[]> => ({
        asset,
        previous: entry.previous_access_control?.map(readRule) ?? null,
        next: entry.new_access_control?.map(readRule) ?? null,
      }),
    ),
});

export const move = define("move", {
  when: "assets are moved to another folder",
  carries: "`changes`: for each asset the `previous` and `next` folder",
  schema: wire("move", {
    source,
    resources: keyed(
      z.looseObject({
        ...assetFields,
        from_asset_folder: z.string().nullish(),
        to_asset_folder: z.string().nullish(),
        from_folder: z.string().nullish(),
        to_folder: z.string().nullish(),
      }),
    ),
  }),
  read: (body) =>
    changed(body.resources, (entry, asset): Change<string> => {
      const next = entry.to_asset_folder ?? entry.to_folder ?? null;
      const previous = entry.from_asset_folder ?? entry.from_folder ?? null;
      return { asset: next === null ? asset : { ...asset, asset_folder: next }, previous, next };
    }),
});

function readRule(wire: z.output<typeof accessRule>): AccessRule {
  const rule: AccessRule = { access_type: wire.access_type };
  if (wire.key) rule.key = wire.key;
  if (wire.start) rule.start = wire.start;
  if (wire.end) rule.end = wire.end;
  return rule;
}

function changed<E extends WireAsset, C extends { asset: Asset }>(
  resources: Keyed<E>,
  read: (entry: E, asset: Asset) => C,
): { assets: Asset[]; changes: C[] } {
  const changes = entries(resources).map(({ key, entry }) => read(entry, asset(entry, { publicId: key })));
  return { assets: changes.map((change) => change.asset), changes };
}

function merged(first: Context, second: Context): Context {
  return Object.assign(emptyRecord<string>(), first, second);
}
