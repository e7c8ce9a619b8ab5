import { splitDeliveryUrl } from "../../lib/cloudinary/delivery-url.ts";
import type { Asset, Derived } from "../../lib/notifications/notification.ts";
import type { PimSettings } from "../../settings.types.ts";
import type { FailedRendition, Instant, Rendition } from "./facts.ts";
import { renditionName } from "./rendition-name.ts";
import { urlParts } from "./signed-url.ts";

export interface Moment {
  /** The time of the event. */
  at: Instant;
  /** A time at or before which the asset had the name in the body. */
  namedAt: Instant;
}

type Ready = Extract<Derived, { kind: "ready" }>;
type Failed = Extract<Derived, { kind: "failed" }>;

/** A derived picture; null if its URL is not a web URL. */
export function derivedRendition(
  asset: Asset,
  derived: Ready,
  moment: Moment,
  settings: PimSettings,
): Rendition | null {
  const secureUrl = secure(derived.secure_url);
  if (secureUrl === null) return null;
  return {
    name: renditionName(derived.transformation, settings.renditions),
    transformation: derived.transformation,
    ...versionOf(derived.version, moment),
    eventAt: moment.at,
    namedAt: moment.namedAt,
    publicId: asset.public_id ?? "",
    secureUrl,
    parts: derived.parts && urlParts(secureUrl, derived.parts),
    ...sizeOf(derived),
  };
}

export function failedRendition(derived: Failed, moment: Moment, settings: PimSettings): FailedRendition {
  return {
    name: renditionName(derived.transformation, settings.renditions),
    transformation: derived.transformation,
    failure: derived.reason,
    failedAt: moment.at,
  };
}

/** The original, if the settings show it and it is public. */
export function originalRendition(asset: Asset, moment: Moment, settings: PimSettings): Rendition | null {
  const { public_id: publicId, secure_url: url, type } = asset;
  if (settings.original === null || type !== "upload") return null;
  if (publicId === undefined || url === undefined) return null;
  const secureUrl = secure(url);
  if (secureUrl === null) return null;
  const split = splitDeliveryUrl(secureUrl, publicId);
  return {
    name: settings.original,
    transformation: null,
    ...versionOf(asset.version, moment),
    eventAt: moment.at,
    namedAt: moment.namedAt,
    publicId,
    secureUrl,
    parts: split && urlParts(secureUrl, split),
    ...sizeOf(asset),
  };
}

/** The URL with https; loopback URLs of the local stack keep http. null if it is not a web URL. */
function secure(url: string): string | null {
  if (/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url)) return url;
  return /^https?:\/\/[^/]/.test(url) ? url.replace(/^http:/, "https:") : null;
}

/** Versions are Unix times in seconds, so the time of the event is used if the URL has no version. */
function versionOf(version: number | undefined, moment: Moment) {
  return {
    version: version ?? Math.max(0, Math.floor(Date.parse(moment.namedAt) / 1_000)),
    versionInUrl: version !== undefined,
  };
}

function sizeOf(made: { width?: number; height?: number; bytes?: number; format?: string }) {
  return {
    width: pixels(made.width),
    height: pixels(made.height),
    bytes: made.bytes ?? null,
    format: made.format ?? null,
  };
}

function pixels(size: number | undefined): number | null {
  return size !== undefined && Number.isInteger(size) && size >= 0 && size < 2 ** 31 ? size : null;
}
