/** `cloudinary-webhooks/verify`: what the receiver does with a request before it records it, for other servers. */

import type { Algorithm } from "../lib/receive/digest.ts";
import { readBody } from "../lib/receive/read-body.ts";
import { respond } from "../lib/receive/respond.ts";
import {
  type Claim,
  type RefusedSignature,
  readClaim,
  type SignatureHeaders,
  verifyClaim,
} from "../lib/receive/verify.ts";

export type { Algorithm, RefusedSignature };

export interface VerifyOptions {
  /**
   * The API secret of the key that Cloudinary signs notifications with. Several, while one replaces another. `undefined` entries are
   * allowed, so that environment variables can be passed as they are; at least one must be set.
   */
  secrets: string | undefined | readonly (string | undefined)[];
  /** Default: both. */
  algorithms?: readonly Algorithm[];
  /** The oldest signature that is accepted. Default: two hours, like Cloudinary's own verifier. */
  maxAgeSeconds?: number;
  /** How far ahead of this server's clock a signature may be. Default: five minutes. */
  maxAheadSeconds?: number;
  /** Larger bodies are rejected. Default: 4 MiB. */
  maxBodyBytes?: number;
  /** A body that is not complete by then is rejected. Default: five seconds. */
  bodyTimeoutMs?: number;
}

export interface Verified {
  ok: true;
  /** The bytes that were signed. `parse` of `cloudinary-webhooks/notifications` reads them. */
  body: Uint8Array;
  algorithm: Algorithm;
  /** The time in the signature. */
  signedAt: Date;
  ageSeconds: number;
  /** The position of the secret in `secrets`: when it is never that of the old secret, the old secret can be removed. */
  secretIndex: number;
}

export interface Refused {
  ok: false;
  reason: RefusedSignature | "body-too-large" | "body-unreadable" | "body-timeout";
}

/** A record's names can be in any case. Of a repeated header, only one value is expected. */
export type RequestHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Verifies a body that was already read, such as that of a Lambda event. It must be the received one: a body that was parsed and
 * serialised again has another signature. Throws a TypeError if `secrets` has none.
 */
export function verifyBody(
  body: Uint8Array | string,
  headers: RequestHeaders,
  options: VerifyOptions,
): Verified | Refused {
  const claim = claimOf(headers, options);
  return claim.ok ? verified(typeof body === "string" ? Buffer.from(body) : body, claim, options) : claim;
}

/**
 * Reads the body of a request and verifies it. A request without a valid claim is rejected before its body is read.
 * Throws a TypeError if the body was already read, or if `secrets` has none.
 */
export async function verifyRequest(request: Request, options: VerifyOptions): Promise<Verified | Refused> {
  const claim = claimOf(request.headers, options);
  if (!claim.ok) return claim;
  if (request.bodyUsed) throw new TypeError(alreadyRead);
  const reading = await readBody(request, {
    maxBodyBytes: options.maxBodyBytes ?? 4 * 1_024 * 1_024,
    bodyTimeoutMs: options.bodyTimeoutMs ?? 5_000,
  });
  return reading.ok ? verified(reading.body, claim, options) : reading;
}

/** What is used of a request of `node:http`. */
export interface NodeRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly readableDidRead: boolean;
  iterator(options: { destroyOnReturn: boolean }): AsyncIterable<Uint8Array>;
}

/**
 * The same for a request of `node:http`. If something has read the body before, its bytes must be in `request.body` or
 * `request.rawBody`. Throws a TypeError if they are not, or if `secrets` has none.
 */
export async function verifyNodeRequest(
  request: NodeRequest,
  options: VerifyOptions,
): Promise<Verified | Refused> {
  const bytes = bytesRead(request);
  if (bytes) return verifyBody(bytes, request.headers, options);
  const claim = claimOf(request.headers, options);
  if (!claim.ok) return claim;
  if (request.readableDidRead) throw new TypeError(alreadyRead);
  const headers = new Headers();
  for (const name of ["content-encoding", "content-length", "x-cld-signature", "x-cld-timestamp"])
    headers.set(name, headerOf(request.headers, name) ?? "");
  // Not destroyed when reading stops early, so that the sender still gets an answer.
  const body = ReadableStream.from(request.iterator({ destroyOnReturn: false }));
  return await verifyRequest(
    new Request("http://localhost", { method: "POST", headers, body, duplex: "half" }),
    options,
  );
}

/**
 * What `express.raw()`, or a platform such as Firebase, has read. Not fields of `NodeRequest`: Express would infer the type of the body
 * from them, also for the handlers after the middleware.
 */
function bytesRead(request: object): Uint8Array | null {
  if ("rawBody" in request && request.rawBody instanceof Uint8Array) return request.rawBody;
  return "body" in request && request.body instanceof Uint8Array ? request.body : null;
}

/**
 * The answer to a rejected request: 401, or 400, 408 or 413 for a body that cannot be read, with the reason as JSON. Cloudinary calls
 * again three times after any status but 200.
 */
export function refusal({ reason }: Refused): Response {
  return respond({ kind: "refused", reason });
}

const alreadyRead =
  "The body was already read, so its signature cannot be verified. Verify before any other code reads the body, such as express.json().";

/** Throws a TypeError if none is set: otherwise every notification would be rejected as if it were forged. */
export function usableSecrets({ secrets }: Pick<VerifyOptions, "secrets">): string[] {
  const values = (typeof secrets === "string" ? [secrets] : (secrets ?? [])).map((value) => value ?? "");
  if (values.every((value) => value === ""))
    throw new TypeError("No secret is set. `secrets` needs the API secret that Cloudinary signs with.");
  return values;
}

function claimOf(headers: RequestHeaders, options: VerifyOptions): Claim | Refused {
  usableSecrets(options);
  return readClaim(reading(headers), {
    algorithms: options.algorithms ?? ["sha1", "sha256"],
    maxAgeSeconds: options.maxAgeSeconds ?? 7_200,
    maxAheadSeconds: options.maxAheadSeconds ?? 300,
    now: Date.now(),
  });
}

function verified(body: Uint8Array, claim: Claim, options: VerifyOptions): Verified | Refused {
  const secrets = usableSecrets(options).map((value, index) => ({
    name: String(index),
    value,
    expiresAt: null,
    cloud: null,
  }));
  const verdict = verifyClaim(body, claim, { secrets, now: Date.now() });
  if (!verdict.ok) return verdict;
  const { algorithm, signedAt, ageSeconds, secretName } = verdict;
  return { ok: true, body, algorithm, signedAt, ageSeconds, secretIndex: Number(secretName) };
}

function reading(headers: RequestHeaders): SignatureHeaders {
  if (headers instanceof Headers) return headers;
  return {
    get: (name) => headerOf(headers, name),
    has: (name) => headerOf(headers, name) !== null,
  };
}

function headerOf(headers: Exclude<RequestHeaders, Headers>, name: string): string | null {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return found === undefined ? null : String(found);
}
