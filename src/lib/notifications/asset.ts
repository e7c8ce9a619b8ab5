import type * as z from "zod";
import { type DeliveryUrl, splitDeliveryUrl } from "../cloudinary/delivery-url.ts";
import { type Context, type Metadata, readContext, readMetadata } from "./context.ts";
import { type assetFields, type descriptionFields, entries, type Keyed, type version } from "./wire.ts";

/** One asset of a notification. A field is absent if the body does not contain it; an empty value means "none". */
export interface Asset {
  /**
   * `asset_id`; in older bodies without it `resource_type/type/public_id`, read from the delivery URL if
   * necessary. Unknown parts are empty.
   */
  identity: string;
  asset_id?: string;
  public_id?: string;
  resource_type?: string;
  type?: string;
  version?: number;
  secure_url?: string;
  /** The folder in both folder modes (`asset_folder`, or `folder` in fixed mode). */
  asset_folder?: string;
  /** `fixed`: the body has `folder`, which is part of the public id. */
  folder_mode?: "fixed";
  display_name?: string;
  format?: string;
  width?: number;
  height?: number;
  bytes?: number;
  tags?: string[];
  context?: Context;
  metadata?: Metadata;
}

type Wire<S extends Record<string, z.ZodType>> = { [K in keyof S]?: z.output<S[K]> | undefined };
export type WireAsset = Wire<typeof assetFields> & Wire<typeof descriptionFields>;

/** Creates the asset of a body or of one of its resources; missing fields are read from the delivery URL. */
export function asset(
  wire: WireAsset,
  hints: { publicId?: string | undefined; url?: string | undefined } = {},
): Asset {
  const publicId = wire.public_id ?? hints.publicId;
  const secureUrl = wire.secure_url || wire.url || undefined; // An empty URL is treated as missing.
  let version = readVersion(wire.version);
  let resourceType = wire.resource_type ?? undefined;
  let type = wire.type ?? undefined;
  if (version === undefined || resourceType === undefined || type === undefined) {
    const parts = urlParts(secureUrl ?? hints.url, publicId);
    resourceType ??= parts?.resource_type;
    type ??= parts?.type;
    version ??= versionOf(parts);
  }
  const made: Asset = { identity: wire.asset_id ? wire.asset_id : [resourceType, type, publicId].join("/") };
  if (wire.asset_id) made.asset_id = wire.asset_id;
  if (publicId !== undefined) made.public_id = publicId;
  if (resourceType !== undefined) made.resource_type = resourceType;
  if (type !== undefined) made.type = type;
  if (version !== undefined) made.version = version;
  if (secureUrl !== undefined) made.secure_url = secureUrl;
  const folder = wire.asset_folder ?? wire.folder;
  if (typeof folder === "string") made.asset_folder = folder;
  if (typeof wire.folder === "string" && typeof wire.asset_folder !== "string") made.folder_mode = "fixed";
  if (typeof wire.display_name === "string") made.display_name = wire.display_name;
  describe(made, wire);
  return made;
}

/** The assets of a body with an unknown structure: its `resources` in either form, or the asset at the top level, or none. */
export function assetsOf(body: WireAsset & { resources?: Keyed<WireAsset> | null | undefined }): Asset[] {
  if (body.resources) return entries(body.resources).map(({ key, entry }) => asset(entry, { publicId: key }));
  return body.asset_id || body.public_id ? [asset(body)] : [];
}

function describe(made: Asset, wire: WireAsset): void {
  if (typeof wire.format === "string") made.format = wire.format;
  if (typeof wire.width === "number") made.width = wire.width;
  if (typeof wire.height === "number") made.height = wire.height;
  if (typeof wire.bytes === "number") made.bytes = wire.bytes;
  if (wire.tags !== undefined) made.tags = wire.tags ?? [];
  if (wire.context !== undefined) made.context = readContext(wire.context);
  if (wire.metadata !== undefined) made.metadata = readMetadata(wire.metadata);
}

function urlParts(url: string | undefined, publicId: string | undefined): DeliveryUrl | null {
  return url === undefined ? null : splitDeliveryUrl(url, publicId);
}

/** URLs contain `v1` if the version is unknown. */
export function versionOf(parts: DeliveryUrl | null): number | undefined {
  return parts?.version === undefined || parts.version <= 1 ? undefined : parts.version;
}

export function readVersion(wire: z.output<typeof version> | null | undefined): number | undefined {
  return wire === undefined || wire === null ? undefined : Number(wire);
}
