import { createHash } from "node:crypto";
import { encodePublicId } from "../../lib/cloudinary/delivery-url.ts";
import type { DeliveryUrl } from "../../lib/notifications/notification.ts";
import type { UrlParts } from "./facts.ts";

/** What stands around the public id, so that the URL can be built again under another one. */
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
 * The signature for the same picture under another public id, or null when none of the secrets made the one that it has:
 * a URL that Cloudinary would refuse is never handed out.
 */
export function signAgain(url: SignedUrl, publicId: string, secrets: readonly string[]): string | null {
  for (const secret of secrets)
    for (const algorithm of ["sha1", "sha256"]) {
      const sign = (id: string) => signature({ ...url, publicId: id }, algorithm, secret);
      if (sign(url.publicId) === url.signature) return sign(publicId);
    }
  return null;
}

/** The transformation and the name, with the secret, digested; 8 characters of it, or 32 for long signatures. */
function signature(url: SignedUrl, algorithm: string, secret: string): string {
  const name = encodePublicId(url.publicId) + url.suffix;
  const text = url.transformation === null ? name : `${url.transformation}/${name}`;
  const digest = createHash(algorithm).update(text + secret);
  return digest.digest("base64").slice(0, url.signature.length).replaceAll("/", "_").replaceAll("+", "-");
}
