import type { Asset } from "../../../lib/notifications/notification.ts";
import { withoutPrefix } from "../../../lib/shared/asset-prefix.ts";
import { masked } from "../../../lib/shared/masked.ts";
import { safeUrl } from "./sanitize.ts";

/** The asset's own page in Cloudinary's Media Library, which people open with their Cloudinary login; null without a pattern or a name. */
export function assetUrl(
  pattern: string | null,
  asset: Asset | undefined,
  cloud: string | null,
): string | null {
  if (pattern === null || asset?.public_id === undefined) return null;
  const values = new Map([
    ["asset_id", asset.asset_id && withoutPrefix(asset.asset_id)],
    ["public_id", asset.public_id],
    ["resource_type", asset.resource_type ?? "image"],
    ["type", asset.type ?? "upload"],
    ["cloud", cloud ?? undefined],
  ]);
  let missing = false;
  const url = pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values.get(name);
    // A name can hold an e-mail address or a token, which must be in no link.
    missing ||= value === undefined || masked(value) !== value;
    // Mail clients must not take a part of it for a host.
    return encodeURIComponent((value ?? "").toWellFormed()).replaceAll(".", "%2E");
  });
  return missing ? null : safeUrl(url);
}

/** Pages of the console (src/console/page/paths.ts). */
export function recordUrl(siteUrl: string, notificationId: string): string {
  return new URL(`/console/notifications/${notificationId}`, siteUrl).href;
}

export function boardUrl(siteUrl: string): string {
  return new URL("/console/moderation", siteUrl).href;
}

export function inboxUrl(siteUrl: string): string {
  return new URL("/", siteUrl).href;
}

export function healthUrl(siteUrl: string): string {
  return new URL("/console/health", siteUrl).href;
}
