import { splitDeliveryUrl } from "./delivery-url.ts";

/**
 * Whether a delivery URL is of this cloud. A secret of another cloud may be accepted too, and calls made for its assets
 * would hit ours of the same name. Without a URL there is nothing to tell them apart by, and it counts as ours.
 */
export function isOwnCloud(
  asset: { secureUrl: string | null; publicId: string },
  own: { cloudName: string; hosts: readonly string[] },
): boolean {
  if (asset.secureUrl === null) return true;
  const parts = splitDeliveryUrl(asset.secureUrl, asset.publicId);
  if (parts?.cloud !== undefined) return parts.cloud === own.cloudName;
  return URL.canParse(asset.secureUrl) && own.hosts.includes(new URL(asset.secureUrl).hostname);
}
