import type * as z from "zod";
import { type DeliveryUrl, splitDeliveryUrl } from "../cloudinary/delivery-url.ts";
import { type Context, type Metadata, readContext, readMetadata } from "./context.ts";
import { type assetFields, type descriptionFields, entries, type Keyed, type version } from "./wire.ts";

/** One asset that a notification is about. A field is absent where the body says nothing of it; an empty one says "none". */
export interface Asset {
  /**
   * `asset_id`; in bodies from before it existed `resource_type/type/public_id`, taken from the delivery URL where
   * needed, with an empty part where even that is unknown.
   */
  identity: string;
  asset_id?: string;
  public_id?: string;
  resource_type?: string;
  type?: string;
  version?: number;
  secure_url?: string;
  /** The folder in either folder mode (`asset_folder`, or `folder` in the fixed one). */
  asset_folder?: string;
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

/** Makes the asset of a body or of one of its resources; what the body lacks is read from its delivery URL. */
export function asset(
  wire: WireAsset,
  hints: { publicId?: string | undefined; url?: string | undefined } = {},
): Asset {
  const publicId = wire.public_id ?? hints.publicId;
  const secureUrl = wire.secure_url || wire.url || undefined; // An empty one says as much as none.
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
  if (typeof wire.display_name === "string") made.display_name = wire.display_name;
  describe(made, wire);
  return made;
}

/** The assets of a body whose shape is not known for sure: its `resources` in either form, or the one at its top, or none. */
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

/** `v1` is what URLs carry when the version is not known. */
export function versionOf(parts: DeliveryUrl | null): number | undefined {
  return parts?.version === undefined || parts.version <= 1 ? undefined : parts.version;
}

export function readVersion(wire: z.output<typeof version> | null | undefined): number | undefined {
  return wire === undefined || wire === null ? undefined : Number(wire);
}
