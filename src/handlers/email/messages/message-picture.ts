import { splitDeliveryUrl } from "../../../lib/cloudinary/delivery-url.ts";
import type { Asset, Derived } from "../../../lib/notifications/notification.ts";
import type { PictureRequest } from "../compose/picture.ts";
import { nameOf } from "./formatting.ts";

/** The data needed to build a picture of an asset. */
export function requestOf(asset: Asset | undefined, blurred = false): PictureRequest | null {
  if (!asset?.secure_url) return null;
  return {
    parts: splitDeliveryUrl(asset.secure_url, asset.public_id),
    href: asset.secure_url,
    alt: nameOf(asset),
    width: asset.width,
    height: asset.height,
    blurred,
  };
}

/** A picture of the first derived asset, or of the asset itself if there is none. */
export function requestOfDerived(
  asset: Asset | undefined,
  derived: readonly Derived[],
): PictureRequest | null {
  for (const entry of derived) {
    if (entry.kind === "ready" && entry.parts) {
      const { parts, secure_url: href, width, height } = entry;
      return { parts, href, alt: nameOf(asset), width, height, blurred: false };
    }
  }
  return requestOf(asset);
}
