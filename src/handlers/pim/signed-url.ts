import { createHash } from "node:crypto";
import { encodePublicId } from "../../lib/cloudinary/delivery-url.ts";
import type { DeliveryUrl } from "../../lib/notifications/notification.ts";
import type { UrlParts } from "./facts.ts";

/** The parts of a URL around the public id, so that it can be rebuilt with another one. */
export function urlParts(url: string, parts: DeliveryUrl): UrlParts | null {
  const typeAt = url.indexOf(`/${parts.resource_type}/${parts.type}/`);
  if (typeAt === -1) return null;
  return {
    prefix: `${url.slice(0, typeAt)}/${parts.resource_type}`,
    type: parts.type,
    signature: parts.signature ?? null,
    transformation: parts.transformation ?? null,
    suffix: parts.format === undefined ? "" : `.${parts.format}`,
  };
}

export interface SignedUrl {
  signature: string;
  /** As in the URL. */
  transformation: string | null;
  /** The version in the URL, or null. */
  version: number | null;
  publicId: string;
  suffix: string;
}

/** The signature of a picture for another public id, and the percent-encoded public id for the URL. */
export interface Signed {
  signature: string;
  name: string;
}

/** Signs the same picture with another public id; null if none of the secrets made the existing signature in a known form. */
export function signAgain(url: SignedUrl, publicId: string, secrets: readonly string[]): Signed | null {
  for (const secret of secrets)
    for (const { text, encode } of forms)
      for (const algorithm of ["sha1", "sha256"]) {
        const sign = (id: string) => {
          const name = encode(id);
          return { signature: digest(text(url, name + url.suffix) + secret, algorithm, url), name };
        };
        if (sign(url.publicId).signature === url.signature) return sign(publicId);
      }
  return null;
}

/** Truncated like the existing signature: to 8 characters, or 32 for long signatures. */
function digest(text: string, algorithm: string, { signature }: SignedUrl): string {
  const made = createHash(algorithm).update(text).digest("base64");
  return made.slice(0, signature.length).replaceAll("/", "_").replaceAll("+", "-");
}

interface Form {
  encode(publicId: string): string;
  /** What is signed, before the secret. */
  text(url: SignedUrl, name: string): string;
}

/** The texts that Cloudinary's SDKs sign for the same picture; Cloudinary accepts all of them. */
const forms: readonly Form[] = [
  // As in the URL.
  { encode: encodePublicId, text: (url, name) => joined(url.transformation, name) },
  // npm: the transformation before the SDK replaced its spaces with `%20` in the complete URL.
  { encode: encodePublicId, text: (url, name) => joined(withSpaces(url.transformation), name) },
  // Python and PHP: more characters of the public id are encoded.
  { encode: encodeMore, text: (url, name) => joined(url.transformation, name) },
  { encode: encodeMore, text: (url, name) => joined(withSpaces(url.transformation), name) },
  // Ruby: everything is unescaped.
  { encode: encodeMore, text: (url, name) => unescapeAll(joined(url.transformation, name)) },
  // The same with the gem's option `sign_version`.
  {
    encode: encodeMore,
    text: (url, name) => unescapeAll(joined(url.transformation, `v${url.version}`, name)),
  },
];

function joined(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null).join("/");
}

function withSpaces(transformation: string | null): string | null {
  return transformation?.replaceAll("%20", " ") ?? null;
}

function encodeMore(publicId: string): string {
  return encodePublicId(publicId).replace(
    /[!~*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The gem unescapes until nothing changes, ten times at most, and leaves `+` alone. */
function unescapeAll(text: string): string {
  let current = text;
  for (let round = 0; round < 10; round += 1) {
    const next = current.replace(/(?:%[\da-f]{2})+/gi, unescaped);
    if (next === current) break;
    current = next;
  }
  return current;
}

function unescaped(escapes: string): string {
  return Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8");
}
