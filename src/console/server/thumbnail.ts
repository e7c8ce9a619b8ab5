import { joinDeliveryUrl, splitDeliveryUrl } from "../../lib/cloudinary/delivery-url.ts";
import { isObject, type JsonObject } from "../../lib/shared/json.ts";
import { decodeUtf8 } from "../../lib/shared/utf8.ts";

/** Small, whole, and the same for every view, so that Cloudinary makes one derived picture of an asset and no more. */
const small = "c_limit,h_320,w_320";

/** Bodies above this are not looked into for a list. */
export const maxBodyBytes = 64 * 1_024;

/** The address of a picture of what a body is about; null when it shows none. Never throws. */
export function thumbnailOf(body: Uint8Array): string | null {
  try {
    const json: unknown = JSON.parse(decodeUtf8(body));
    return isObject(json) ? ofNotification(json) : null;
  } catch {
    return null; // A body that cannot be read has no picture; its own page shows what it has.
  }
}

function ofNotification(json: JsonObject): string | null {
  const [derived] = Array.isArray(json.eager) ? json.eager : [];
  const made = isObject(derived) ? text(derived.secure_url) : null;
  const url = text(json.secure_url) ?? text(json.secure_image_url) ?? made;
  if (url === null || json.resource_type === "raw" || json.placeholder === true) return null;
  return smallPicture(url, text(json.public_id) ?? undefined);
}

/**
 * A small picture of an asset, a video's first frame, whatever was derived from it. An image's URL with a signature or a
 * transformation stays as it is: it holds for nothing else.
 */
export function smallPicture(url: string, publicId?: string): string | null {
  const parts = splitDeliveryUrl(url, publicId);
  if (!parts || parts.resource_type === "raw") return null;
  const isOpen = parts.signature === undefined && parts.type === "upload";
  if (parts.resource_type === "video")
    return isOpen ? joinDeliveryUrl({ ...parts, transformation: `so_0/${small}`, format: "jpg" }) : null;
  if (!isOpen || parts.transformation !== undefined) return url;
  return joinDeliveryUrl({ ...parts, transformation: small, format: shownFormat(parts.format) });
}

/** What a browser shows, in pixels: an SVG becomes a PNG, which may be transparent too, a PDF or a TIFF a JPEG. */
export function shownFormat(format = "jpg"): string {
  if (format === "svg") return "png";
  return ["jpg", "jpeg", "png", "gif", "webp", "avif"].includes(format) ? format : "jpg";
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
