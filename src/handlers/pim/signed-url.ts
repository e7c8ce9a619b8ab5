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
  transformation: string | null;
  publicId: string;
  suffix: string;
}

/**
 * The signature for the same picture with another public id, or null if none of the secrets made the existing signature. This
 * never returns a URL that Cloudinary would reject.
 */
export function signAgain(url: SignedUrl, publicId: string, secrets: readonly string[]): string | null {
  for (const secret of secrets)
    for (const algorithm of ["sha1", "sha256"]) {
      const sign = (id: string) => signature({ ...url, publicId: id }, algorithm, secret);
      if (sign(url.publicId) === url.signature) return sign(publicId);
    }
  return null;
}

/** The digest of transformation, name and secret, truncated to 8 characters, or 32 for long signatures. */
function signature(url: SignedUrl, algorithm: string, secret: string): string {
  const name = encodePublicId(url.publicId) + url.suffix;
  const text = url.transformation === null ? name : `${url.transformation}/${name}`;
  const digest = createHash(algorithm).update(text + secret);
  return digest.digest("base64").slice(0, url.signature.length).replaceAll("/", "_").replaceAll("+", "-");
}
