/** The parts of a Cloudinary delivery URL; `joinDeliveryUrl` builds the URL from them. */
export interface DeliveryUrl {
  /** Scheme and host, such as `https://res.cloudinary.com`. */
  origin: string;
  /** Absent on custom hosts (CNAME), where the URL does not contain the cloud. */
  cloud?: string;
  resource_type: string;
  type: string;
  /** Without the surrounding `s--` and `--`. */
  signature?: string;
  /** As in the URL; several steps are joined by `/`. */
  transformation?: string;
  version?: number;
  /** Decoded, with folders, without the format. */
  public_id: string;
  format?: string;
}

/** Origin, cloud, resource type, type, signature, and the rest of the path. A single pattern, because a notification can contain hundreds of URLs. */
const HEAD =
  /^(https?:\/\/[^/?#]+)\/(?:([^/?#]+)\/)?(image|video|raw)\/([^/?#]+)\/(?:s--([\w-]+)--\/)?([^?#]*)/;
const VERSION = /^v(\d{1,15})$/;
const VERSION_STEP = /(?:^|\/)v\d{1,15}(?:\/|$)/;
const FORMAT = /^\w+$/;
const PRIVATE_HOST = /^https?:\/\/([^.]+)-res(?:-\d)?\.cloudinary\.com$/;

/**
 * Parses a delivery URL. Returns null if it is not a delivery URL, or not that of the given public id.
 * Pass the public id if it is known: only then can a folder named `v12` or `w_100` be distinguished from a version or a
 * transformation. Without it, the public id starts after the first segment that looks like a version; if there is none, the result is null.
 */
export function splitDeliveryUrl(url: string, publicId?: string): DeliveryUrl | null {
  const head = HEAD.exec(url);
  if (head === null) return null;
  const [, origin = "", cloudInPath, resource_type = "", type = "", signature, path = ""] = head;
  const named = publicId === undefined ? nameAfterVersion(path, resource_type) : nameOf(path, publicId);
  if (named === null) return null;

  const before = path.slice(0, Math.max(0, named.at - 1));
  const lastStep = before.slice(before.lastIndexOf("/") + 1);
  const version = VERSION.exec(lastStep)?.[1];
  const end = version === undefined ? before.length : Math.max(0, before.length - lastStep.length - 1);
  const transformation = before.slice(0, end);
  // A version before this position means that the public id is longer than the given one, so the URL belongs to another asset.
  if (VERSION_STEP.test(transformation)) return null;
  const parts: DeliveryUrl = { origin, resource_type, type, public_id: named.public_id };
  const cloud = cloudInPath ?? PRIVATE_HOST.exec(origin)?.[1];
  if (cloud !== undefined) parts.cloud = cloud;
  if (signature !== undefined) parts.signature = signature;
  if (transformation !== "") parts.transformation = transformation;
  if (version !== undefined) parts.version = Number(version);
  if (named.format !== undefined) parts.format = named.format;
  return parts;
}

/** Builds the URL from its parts. An existing signature is kept unchanged, although it is valid only for the original parts. */
export function joinDeliveryUrl(parts: DeliveryUrl): string {
  const { origin, cloud, resource_type, type, signature, transformation, version, public_id, format } = parts;
  const path = [
    PRIVATE_HOST.test(origin) ? undefined : cloud,
    resource_type,
    type,
    signature === undefined ? undefined : `s--${signature}--`,
    transformation,
    version === undefined ? undefined : `v${version}`,
    encodePublicId(public_id),
  ].filter((part) => part !== undefined);
  return `${origin}/${path.join("/")}${format === undefined ? "" : `.${format}`}`;
}

/** Percent-encodes like Cloudinary in delivery URLs: `/` and `:` are kept. */
export function encodePublicId(publicId: string): string {
  return encodeURIComponent(publicId.toWellFormed()).replaceAll("%2F", "/").replaceAll("%3A", ":");
}

interface Named {
  /** The position of the public id in the path. */
  at: number;
  public_id: string;
  format?: string;
}

/** Finds the given public id at the end, with or without a format. */
function nameOf(path: string, publicId: string): Named | null {
  if (path.includes("%")) return encodedNameOf(path, publicId);
  const bare = path.length - publicId.length;
  if (path.endsWith(publicId) && startsSegment(path, bare)) return { at: bare, public_id: publicId };
  const dot = path.lastIndexOf(".");
  const format = path.slice(dot + 1);
  const at = dot - publicId.length;
  if (dot === -1 || !path.endsWith(publicId, dot) || !startsSegment(path, at) || !FORMAT.test(format))
    return null;
  return { at, public_id: publicId, format };
}

function startsSegment(path: string, at: number): boolean {
  return at === 0 || path[at - 1] === "/";
}

/** The same for percent-encoded characters: compares as many segments as the public id has; an encoded `/` also separates segments. */
function encodedNameOf(path: string, publicId: string): Named | null {
  const wanted = publicId.split("/").length;
  let count = 0;
  let at = path.length + 1;
  while (at > 0 && count < wanted) {
    const end = at - 1;
    at = path.lastIndexOf("/", end - 1) + 1;
    count += path.slice(at, end).split(/%2F/i).length;
  }
  const name = decode(path.slice(at));
  if (name === publicId) return { at, public_id: publicId };
  const format = name.slice(publicId.length + 1);
  return name.startsWith(`${publicId}.`) && FORMAT.test(format) ? { at, public_id: publicId, format } : null;
}

/** The public ids of raw files include the extension. */
function nameAfterVersion(path: string, resourceType: string): Named | null {
  const version = VERSION_STEP.exec(path);
  const at = version === null ? path.length : version.index + version[0].length;
  if (at === path.length) return null;
  const name = decode(path.slice(at));
  const dot = name.lastIndexOf(".");
  if (resourceType === "raw" || dot <= name.lastIndexOf("/") + 1) return { at, public_id: name };
  return { at, public_id: name.slice(0, dot), format: name.slice(dot + 1) };
}

/** A `%` without hex digits is part of the name, not an error. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
