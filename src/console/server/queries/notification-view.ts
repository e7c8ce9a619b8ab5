import type {
  CloudinaryNotification,
  Derived,
  GeneratedImage,
} from "../../../lib/notifications/notification.ts";
import { parse } from "../../../lib/notifications/parse.ts";
import { ceiling } from "../../../lib/shared/ceiling.ts";
import { settings } from "../../../settings.ts";
import { smallPicture } from "../thumbnail.ts";

export interface Picture {
  url: string;
  /** A smaller picture for the page; null if there is no picture (a raw file). */
  small: string | null;
  kind: "image" | "video" | "file";
  label: string;
  width: number | null;
  height: number | null;
}

/** The content of a notification for display, in addition to its JSON. */
export interface Shown {
  /** The number of assets in it. */
  assets: number;
  /** The schema errors, as text. */
  problems: string[];
  /** The paths of values that were later than the signature allows, and were lowered to the limit. */
  clamped: string[];
  occurredAt: Date | null;
  /** The cause at Cloudinary, such as `api` or `ui`. */
  triggeredBy: string | null;
  pictures: Picture[];
  links: { label: string; url: string }[];
  decisions: { kind: string; status: string; at: Date | null }[];
  /** Why the operation that it reports failed, in Cloudinary's words. */
  reason: string | null;
  /** Derived pictures that could not be generated. */
  failures: { transformation: string; reason: string }[];
}

const maxPictures = 200;

/** `heardAt`: when it was signed, or recorded if it is not signed. */
export function shownOf(body: Uint8Array, heardAt: Date): Shown {
  const parsed = parse(body, ceiling(heardAt, settings));
  if (!parsed.ok) {
    const problems = parsed.issues.map(({ path, message }) => `${path || "body"}: ${message}`);
    return { ...nothing, problems };
  }
  const { notification } = parsed;
  const { source, id } = notification.triggeredBy ?? {};
  return {
    assets: notification.assets.length,
    problems: notification.type === "unreadable" ? [notification.reason] : [],
    clamped: [...(notification.clamped ?? [])],
    occurredAt: notification.occurredAt ?? null,
    triggeredBy: source === undefined && id === undefined ? null : [source, id].filter(Boolean).join(" "),
    pictures: picturesOf(notification).slice(0, maxPictures),
    links: "links" in notification ? linksOf(notification.links) : [],
    decisions:
      "decisions" in notification
        ? notification.decisions.map(({ at = null, ...rest }) => ({ ...rest, at }))
        : [],
    reason: notification.type === "error" ? (notification.message ?? null) : null,
    failures: derivedOf(notification).flatMap((entry) =>
      entry.kind === "failed" ? [{ transformation: entry.transformation, reason: entry.reason }] : [],
    ),
  };
}

const nothing: Shown = {
  assets: 0,
  problems: [],
  clamped: [],
  occurredAt: null,
  triggeredBy: null,
  pictures: [],
  links: [],
  decisions: [],
  reason: null,
  failures: [],
};

function picturesOf(notification: CloudinaryNotification): Picture[] {
  if (notification.type === "delete" || notification.type === "delete_by_token") return [];
  const assets = notification.assets.flatMap((asset) =>
    asset.secure_url === undefined
      ? []
      : picture(asset.secure_url, asset.public_id ?? asset.identity, asset, asset.public_id),
  );
  const derived = derivedOf(notification).flatMap((entry) =>
    entry.kind === "ready" ? picture(entry.secure_url, entry.transformation || "derived", entry) : [],
  );
  return [...assets, ...derived, ...("images" in notification ? frames(notification.images) : [])];
}

function derivedOf(notification: CloudinaryNotification): readonly Derived[] {
  return "derived" in notification ? notification.derived : [];
}

function frames(images: readonly GeneratedImage[]): Picture[] {
  return images.flatMap((image, index) => {
    const place = image.x === undefined ? "" : ` at ${image.x}, ${image.y ?? 0}`;
    return image.url === undefined ? [] : picture(image.url, `${index + 1}${place}`, image);
  });
}

function picture(
  url: string,
  label: string,
  size: { width?: number; height?: number; resource_type?: string },
  publicId?: string,
): Picture[] {
  if (!/^https?:\/\//.test(url)) return [];
  const [, kind] = /\/(image|video|raw)\//.exec(url) ?? [];
  return [
    {
      url,
      small: smallPicture(url, publicId),
      kind: kind === "raw" || size.resource_type === "raw" ? "file" : kind === "video" ? "video" : "image",
      label: label,
      width: size.width ?? null,
      height: size.height ?? null,
    },
  ];
}

function linksOf(links: Readonly<Record<string, string | undefined>>): Shown["links"] {
  return Object.entries(links).flatMap(([label, url]) =>
    url !== undefined && /^https?:\/\//.test(url) ? [{ label, url }] : [],
  );
}
