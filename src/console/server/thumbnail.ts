import { joinDeliveryUrl, splitDeliveryUrl } from "../../lib/cloudinary/delivery-url.ts";
import { isObject, type JsonObject } from "../../lib/shared/json.ts";
import { decodeUtf8 } from "../../lib/shared/utf8.ts";

/** Small, uncropped, and the same for every view, so that Cloudinary generates only one derived picture of an asset. */
const small = "c_limit,h_320,w_320";

/** Larger bodies are not read for a list. */
export const maxBodyBytes = 64 * 1_024;

/** The URL of a picture for a body; null if it has none. Never throws. */
export function thumbnailOf(body: Uint8Array): string | null {
  try {
    const json: unknown = JSON.parse(decodeUtf8(body));
    return isObject(json) ? ofNotification(json) : null;
  } catch {
    return null; // An unreadable body has no picture; its own page shows its content.
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
 * The URL of a small picture of an asset, or of the first frame of a video. The URL of an image with a signature or a transformation is
 * not changed, because another one may be invalid.
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

/** A format that browsers can show: an SVG becomes a PNG, which supports transparency; a PDF or TIFF becomes a JPEG. */
export function shownFormat(format = "jpg"): string {
  if (format === "svg") return "png";
  return ["jpg", "jpeg", "png", "gif", "webp", "avif"].includes(format) ? format : "jpg";
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
