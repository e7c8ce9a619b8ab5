import { createHash } from "node:crypto";
import { splitDeliveryUrl } from "../../lib/cloudinary/delivery-url.ts";
import type { Asset, Derived } from "../../lib/notifications/notification.ts";
import type { PimSettings } from "../../settings.ts";
import type { FailedRendition, Instant, Rendition } from "./facts.ts";
import { urlParts } from "./signed-url.ts";

export interface Moment {
  /** When it happened. */
  at: Instant;
  /** No later than the moment at which the asset had the name that the body gives it. */
  namedAt: Instant;
}

type Ready = Extract<Derived, { kind: "ready" }>;
type Failed = Extract<Derived, { kind: "failed" }>;

/** The picture that a transformation made; null where its address is none that could be shown. */
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

/** The upload itself, where the settings show it and anybody may see it. */
export function originalRendition(asset: Asset, moment: Moment, settings: PimSettings): Rendition | null {
  const { public_id: publicId, secure_url: url, type, resource_type: resourceType } = asset;
  if (settings.original === null || type !== "upload" || resourceType === "raw") return null;
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

/** Old notifications name http; the local stack has nothing else. null: no address of the web. */
function secure(url: string): string | null {
  if (/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url)) return url;
  return /^https?:\/\/[^/]/.test(url) ? url.replace(/^http:/, "https:") : null;
}

/** The order of the parameters in a step has no meaning. What the settings do not name is called by itself, cut where it is long. */
export function renditionName(transformation: string, names: PimSettings["renditions"]): string {
  const wanted = normalised(transformation);
  const named = Object.entries(names).find(([key]) => normalised(key) === wanted)?.[1];
  if (named !== undefined) return named;
  if (wanted === "") return "plain";
  if (wanted.length <= 120) return wanted;
  return `${wanted.slice(0, 100)}~${createHash("sha256").update(wanted).digest("hex").slice(0, 16)}`;
}

function normalised(transformation: string): string {
  const steps = transformation.split("/").map((step) => step.split(",").sort().join(","));
  return steps.join("/");
}

/** Versions are seconds, so the second of the event stands in where the URL has none. */
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
