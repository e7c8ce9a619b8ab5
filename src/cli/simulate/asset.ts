import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";

/** The product of all simulated notifications; the public id contains its SKU. */
export const simulatedSku = "VASE-1";
export const simulatedFolder = `products/${simulatedSku}`;
export const simulatedPublicId = `${simulatedFolder}/main`;
/** The watermark of derived pictures. */
export const watermarkPublicId = "shop/mark";

export const simulatedAssetSchema = z.object({
  asset_id: z.string(),
  public_id: z.string(),
  version: z.number(),
  version_id: z.string(),
  width: z.number(),
  height: z.number(),
  format: z.string(),
  bytes: z.number(),
  etag: z.string(),
  created_at: z.string(),
  uploaded_at: z.string(),
  url: z.string(),
  secure_url: z.string(),
  asset_folder: z.string().default(""),
  display_name: z.string(),
  original_filename: z.string(),
});
/** The facts about an asset that notifications contain. */
export type SimulatedAsset = z.infer<typeof simulatedAssetSchema>;

export interface BodyOptions {
  asset: SimulatedAsset;
  apiKey: string;
  now: Date;
  /** An upload with `moderation: "manual"`, restricted to token holders until it is approved. */
  isPending: boolean;
}

export type Fields = Record<string, unknown>;

/** An asset that does not exist at Cloudinary. It keeps its id for all versions. */
export function inventedAsset({
  cloudName,
  publicId,
  now,
}: {
  cloudName: string;
  publicId: string;
  now: Date;
}): SimulatedAsset {
  const version = Math.floor(now.getTime() / 1_000);
  const path = `res.cloudinary.com/${cloudName}/image/upload/v${version}/${publicId}.jpg`;
  const [name = "", ...folders] = publicId.split("/").toReversed();
  return {
    asset_id: createHash("md5").update(`${cloudName}/${publicId}`).digest("hex"),
    public_id: publicId,
    version,
    version_id: hexId(),
    width: 1600,
    height: 2000,
    format: "jpg",
    bytes: 412_316,
    etag: hexId(),
    created_at: instant(now),
    uploaded_at: instant(now),
    url: `http://${path}`,
    secure_url: `https://${path}`,
    asset_folder: folders.toReversed().join("/"),
    display_name: name,
    original_filename: "vase",
  };
}

export const hexId = (): string => randomBytes(16).toString("hex");

/** Without fractions of a second, as in Cloudinary's bodies. */
export const instant = (at: Date): string => at.toISOString().replace(/\.\d+Z$/, "Z");

export const offsetTime = (at: Date): string => instant(at).replace("Z", "+00:00");

export const named = ({ asset_id, public_id }: SimulatedAsset) => ({ asset_id, public_id });

export const nameOf = (asset: SimulatedAsset) => ({
  resource_type: "image",
  type: "upload",
  ...named(asset),
});

export function derivedUrls({ url, secure_url }: SimulatedAsset, transformation: string) {
  const derived = (original: string) =>
    original.replace("/image/upload/", `/image/upload/${transformation}/`);
  return { url: derived(url), secure_url: derived(secure_url) };
}
