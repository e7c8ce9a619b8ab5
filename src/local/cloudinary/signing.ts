import { createHash, timingSafeEqual } from "node:crypto";
import { ApiError, missing } from "./api-error.ts";
import type { Params } from "./params.ts";

export type Algorithm = "sha1" | "sha256";

export interface Credentials {
  apiKey: string;
  apiSecret: string;
}

const unsignedNames = new Set(["file", "api_key", "resource_type", "cloud_name", "signature"]);
const hour = 3_600;

/** Throws the Upload API's error unless the parameters are signed with the secret and at most an hour old. */
export function checkSignature(params: Params, credentials: Credentials, nowSeconds: number): void {
  verifySignature(params, credentials);
  const timestamp = Number(params.required("timestamp"));
  if (!(Math.abs(nowSeconds - timestamp) <= hour)) {
    throw new ApiError(
      400,
      `Stale request - reported time is ${params.text("timestamp")} which is more than 1 hour ago`,
    );
  }
}

/** The same check for links, which carry their own expiry. */
export function verifySignature(params: Params, credentials: Credentials): void {
  const key = params.required("api_key");
  if (key !== credentials.apiKey) throw new ApiError(401, `Unknown API key ${key}`);
  const signature = params.required("signature");
  const strings = [stringToSign(params, true), stringToSign(params, false)];
  const algorithm = signature.length === 64 ? "sha256" : "sha1";
  if (!strings.some((text) => same(hash(algorithm, text + credentials.apiSecret, "hex"), signature))) {
    throw new ApiError(401, `Invalid Signature ${signature}. String to sign - '${strings[0]}'.`);
  }
}

/** Signature version 2 escapes `&` in values as `%26`, so that a value cannot inject a parameter. */
function stringToSign(params: Params, isVersion2: boolean): string {
  return [...params.fields]
    .filter(([name, value]) => !unsignedNames.has(name) && value.length > 0)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : value.join(",")}`)
    .sort()
    .map((pair) => (isVersion2 ? pair.replaceAll("&", "%26") : pair))
    .join("&");
}

/** The `signature` in an answer: covers the public id and the version, so that a browser's result can be verified. */
export const answerSignature = (
  credentials: Credentials & { algorithm: Algorithm },
  asset: { public_id: string; version: number },
): string => {
  const text = `public_id=${asset.public_id}&version=${asset.version}${credentials.apiSecret}`;
  return hash(credentials.algorithm, text, "hex");
};

/** Whether the request has the key and the secret as HTTP Basic credentials, which the Admin API requires. */
export function basicAuth(request: Request, credentials: Credentials): "none" | "good" | "bad" {
  const header = request.headers.get("authorization");
  if (header === null) return "none";
  const expected = Buffer.from(`${credentials.apiKey}:${credentials.apiSecret}`).toString("base64");
  return same(header, `Basic ${expected}`) ? "good" : "bad";
}

export function requireBasicAuth(request: Request, credentials: Credentials): void {
  const given = basicAuth(request, credentials);
  if (given === "none") throw missing("api_key");
  if (given === "bad") throw unknownCredentials(request);
}

const unknownCredentials = (request: Request): ApiError =>
  request.headers.get("authorization")?.startsWith("Bearer ") === true
    ? new ApiError(401, "Invalid token")
    : new ApiError(401, "Invalid credentials");

/** Throws unless the call is signed, or has the key and the secret. */
export function requireSignature(
  request: Request,
  params: Params,
  by: { credentials: Credentials; nowSeconds: number },
): void {
  const basic = basicAuth(request, by.credentials);
  if (basic === "good") return;
  if (basic === "bad") throw unknownCredentials(request);
  if (params.text("signature") === undefined) throw missing("signature");
  checkSignature(params, by.credentials, by.nowSeconds);
}

/** `hex(HASH(body + timestamp + secret))`: a plain hash, not an HMAC. */
export function notificationSignature(
  signed: { body: string; timestamp: number; secret: string },
  algorithm: Algorithm,
): string {
  return hash(algorithm, `${signed.body}${signed.timestamp}${signed.secret}`, "hex");
}

/** The `s--…--` part of a delivery URL: 8 characters, or 32 characters of SHA-256 for long signatures. */
export function urlSignatures(signed: { transformation: string; source: string; secret: string }): string[] {
  const text = [signed.transformation, signed.source].filter((part) => part !== "").join("/") + signed.secret;
  const short = (algorithm: Algorithm) => urlSafe(hash(algorithm, text, "base64").slice(0, 8));
  return [short("sha1"), short("sha256"), urlSafe(hash("sha256", text, "base64").slice(0, 32))];
}

const urlSafe = (text: string): string => text.replaceAll("/", "_").replaceAll("+", "-");

function hash(algorithm: Algorithm, text: string, encoding: "hex" | "base64"): string {
  return createHash(algorithm).update(text).digest(encoding);
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
