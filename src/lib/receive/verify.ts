import { timingSafeEqual } from "node:crypto";
import type { Secret } from "../../config.types.ts";
import { type Algorithm, digest, signatureBytes } from "./digest.ts";

export type RefusedSignature =
  | "signature-missing"
  | "signature-malformed"
  | "signature-eddsa-only"
  | "signature-algorithm"
  | "signature-mismatch"
  | "secret-expired"
  | "timestamp-missing"
  | "timestamp-malformed"
  | "timestamp-too-old"
  | "timestamp-ahead";

export type Verdict =
  | {
      ok: true;
      secretName: string;
      /** The cloud of the secret, and thereby of the notification. */
      cloud: string | null;
      algorithm: Algorithm;
      signedAt: Date;
      ageSeconds: number;
    }
  | { ok: false; reason: RefusedSignature };

export interface VerifyOptions {
  secrets: readonly Secret[];
  algorithms: readonly Algorithm[];
  maxAgeSeconds: number;
  maxAheadSeconds: number;
  /** Milliseconds since 1970. */
  now: number;
}

const tenDigits = /^[1-9]\d{9}$/;
const lowerHex = /^[0-9a-f]+$/;

/**
 * Cloudinary's rule: hex(HASH(raw body + X-Cld-Timestamp + api secret)), a plain digest and not an HMAC; SHA-1 or SHA-256,
 * distinguished by length (https://cloudinary.com/documentation/notification_signatures).
 *
 * Stricter than the SDK's verifier: the comparison takes constant time, and the timestamp must have exactly ten digits and be neither
 * too old nor in the future. Requiring ten digits closes a gap in the rule: body and timestamp are concatenated without a separator, so
 * digits could be moved from one to the other without changing the signature.
 */
export function verify(body: Uint8Array, headers: SignatureHeaders, options: VerifyOptions): Verdict {
  const claim = readClaim(headers, options);
  return claim.ok ? verifyClaim(body, claim, options) : claim;
}

/** Headers by name in lower case. */
export type SignatureHeaders = Pick<Headers, "get" | "has">;

/** The values of the signature headers. */
export interface Claim {
  ok: true;
  algorithm: Algorithm;
  signature: string;
  timestamp: string;
  ageSeconds: number;
}

/** The checks that do not need the body, so that a request with a missing or old signature is rejected without reading it. */
export function readClaim(
  headers: SignatureHeaders,
  options: Omit<VerifyOptions, "secrets">,
): Claim | { ok: false; reason: RefusedSignature } {
  const signature = headers.get("x-cld-signature");
  if (!signature)
    return refuse(headers.has("x-cld-signature_v2") ? "signature-eddsa-only" : "signature-missing");
  const timestamp = headers.get("x-cld-timestamp");
  if (!timestamp) return refuse("timestamp-missing");
  if (!tenDigits.test(timestamp)) return refuse("timestamp-malformed");
  const algorithm = algorithmOf(signature);
  if (!algorithm) return refuse("signature-malformed");
  if (!options.algorithms.includes(algorithm)) return refuse("signature-algorithm");

  const ageSeconds = Math.floor(options.now / 1_000) - Number(timestamp);
  if (ageSeconds > options.maxAgeSeconds) return refuse("timestamp-too-old");
  if (-ageSeconds > options.maxAheadSeconds) return refuse("timestamp-ahead");
  return { ok: true, algorithm, signature, timestamp, ageSeconds };
}

export function verifyClaim(
  body: Uint8Array,
  { algorithm, signature, timestamp, ageSeconds }: Claim,
  options: Pick<VerifyOptions, "secrets" | "now">,
): Verdict {
  const received = signatureBytes(algorithm, signature);
  const secret = options.secrets.find(
    ({ value }) => value !== "" && timingSafeEqual(digest(algorithm, body, timestamp + value), received),
  );
  if (!secret) return refuse("signature-mismatch");
  if (secret.expiresAt !== null && options.now > secret.expiresAt) return refuse("secret-expired");
  return {
    ok: true,
    secretName: secret.name,
    cloud: secret.cloud,
    algorithm,
    signedAt: new Date(Number(timestamp) * 1_000),
    ageSeconds,
  };
}

function refuse(reason: RefusedSignature): { ok: false; reason: RefusedSignature } {
  return { ok: false, reason };
}

/** Cloudinary sends lower-case hex; any other form is not a Cloudinary signature. */
function algorithmOf(signature: string): Algorithm | null {
  if (!lowerHex.test(signature)) return null;
  return signature.length === 40 ? "sha1" : signature.length === 64 ? "sha256" : null;
}
