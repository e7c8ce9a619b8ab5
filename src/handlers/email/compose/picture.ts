import { createHash } from "node:crypto";
import type { CloudinaryAccount } from "../../../config.types.ts";
import { belongsToAccount, deliveryUrls, type OwnCloud } from "../../../lib/cloudinary/belongs-to-account.ts";
import { type DeliveryUrl, joinDeliveryUrl } from "../../../lib/cloudinary/delivery-url.ts";
import type { CloudinaryNotification } from "../../../lib/notifications/notification.ts";

/** A picture in a mail. Always a JPEG, because Outlook supports neither WebP nor AVIF. */
export interface Picture {
  src: string;
  /** The link target. */
  href: string;
  alt: string;
  /** In CSS pixels. */
  width: number;
  blurred: boolean;
}

export interface PictureRequest {
  /** The URL parts of the asset, or of a derived asset. */
  parts: DeliveryUrl | null;
  href: string;
  alt: string;
  width?: number | undefined;
  height?: number | undefined;
  /** Not approved yet. */
  blurred: boolean;
}

/** Returns null for pictures from other clouds: mail clients load remote pictures, and those must not come from a third party. */
export function ofOwnCloud(
  request: PictureRequest | null,
  { cloud, content }: { cloud: string | null; content: CloudinaryNotification | null },
  own: OwnCloud,
): PictureRequest | null {
  if (!request?.parts || content === null) return null;
  const urls = [joinDeliveryUrl(request.parts), ...deliveryUrls(content)];
  return belongsToAccount({ cloud, urls }, own) ? request : null;
}

const frame = { width: 536, height: 640 };
const soundFormats = new Set(["mp3", "wav", "ogg", "aac", "flac", "m4a", "opus", "aiff", "wma", "amr"]);
const openTypes = new Set([
  "upload",
  "facebook",
  "twitter",
  "youtube",
  "vimeo",
  "hulu",
  "dailymotion",
  "gravatar",
]);

/** null for assets without a picture (audio, raw files), and for assets that are not public when there is no key to sign their URLs. */
export function picture(request: PictureRequest, account: CloudinaryAccount | null): Picture | null {
  const { parts, href, alt, blurred } = request;
  if (!parts || !isVisible(parts)) return null;
  const width = widthOf(request);
  const fit = request.width ? "c_limit" : "b_rgb:e3e8ee,c_pad";
  const height = request.width ? frame.height : Math.round(frame.width * 0.75);
  const steps = [
    ...(blurred ? ["e_blur:2000"] : []),
    `${fit},f_jpg,h_${2 * height},q_auto:good,w_${2 * frame.width}`,
  ];
  const src = shown(parts, steps.join("/"), account);
  return src === null ? null : { src, href, alt, width, blurred };
}

const tileSide = 170;

/** The URL of a square picture for the grid of a digest. */
export function tile({ parts, blurred }: PictureRequest, account: CloudinaryAccount | null): string | null {
  if (!parts || !isVisible(parts)) return null;
  const steps = [
    ...(blurred ? ["e_blur:2000"] : []),
    `c_fill,f_jpg,h_${2 * tileSide},q_auto:good,w_${2 * tileSide}`,
  ];
  return shown(parts, steps.join("/"), account);
}

function isVisible({ resource_type, format }: DeliveryUrl): boolean {
  return resource_type !== "raw" && !soundFormats.has(format ?? "");
}

/** The display width in CSS pixels, at most the width of the asset. The picture has twice as many pixels, for high-density screens. */
function widthOf({ width, height }: PictureRequest): number {
  if (!width || !height) return frame.width;
  return Math.max(1, Math.round(Math.min(frame.width, width, (frame.height * width) / height)));
}

/**
 * The URL of a JPEG generated from `parts`. For a video it shows a frame of the original, because the transformation of a
 * derived video names codecs that are invalid for pictures.
 */
function shown(parts: DeliveryUrl, steps: string, account: CloudinaryAccount | null): string | null {
  const { signature, transformation: derivation, ...rest } = parts;
  const isFrame = derivation === undefined || parts.resource_type === "video";
  const transformation = isFrame ? steps : `${derivation}/${steps}`;
  const wanted: DeliveryUrl = { ...rest, transformation, format: "jpg" };
  if (openTypes.has(parts.type) && signature === undefined) return joinDeliveryUrl(wanted);
  if (account === null || account.cloudName !== parts.cloud) return null;
  const scheme = signatureSchemes.find((candidate) => sign(parts, account, candidate) === signature);
  return joinDeliveryUrl({ ...wanted, signature: sign(wanted, account, scheme ?? signatureSchemes[0]) });
}

/** The scheme of a product environment is detected from the signatures that it sends; the first is the default. */
const signatureSchemes = [
  { algorithm: "sha1", length: 8 },
  { algorithm: "sha256", length: 32 },
  { algorithm: "sha256", length: 8 },
] as const;

/** Signs everything after the delivery type, without the version, as it appears in the URL. */
function sign(
  { signature: _signature, version: _version, ...parts }: DeliveryUrl,
  { apiSecret }: CloudinaryAccount,
  { algorithm, length }: (typeof signatureSchemes)[number],
): string {
  const { transformation: _transformation, format: _format, ...place } = parts;
  const start = joinDeliveryUrl({ ...place, public_id: "" }).length;
  const signed = joinDeliveryUrl(parts).slice(start);
  return createHash(algorithm)
    .update(signed + apiSecret)
    .digest("base64url")
    .slice(0, length);
}
