import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import deletion from "../../netlify/functions/delete.ts";
import eager from "../../netlify/functions/eager.ts";
import moderation from "../../netlify/functions/moderation.ts";
import notification from "../../netlify/functions/notification.ts";
import publicHook from "../../netlify/functions/public.ts";
import upload from "../../netlify/functions/upload.ts";
import type { NetlifyFunctionHandler } from "../support/invoke.ts";
import { testSecret } from "../support/signed-request.ts";
import { bodies } from "./bodies.ts";
import type { KnownAsset } from "./world.ts";

const hooks = {
  "/webhooks/upload": upload,
  "/webhooks/eager": eager,
  "/webhooks/moderation": moderation,
  "/webhooks/delete": deletion,
  "/webhooks": notification,
  "/webhooks/public": publicHook,
} satisfies Record<string, NetlifyFunctionHandler>;
type Path = keyof typeof hooks;
const paths: Path[] = [
  "/webhooks/upload",
  "/webhooks/eager",
  "/webhooks/moderation",
  "/webhooks/delete",
  "/webhooks",
  "/webhooks/public",
];

export interface FuzzedRequest {
  path: Path;
  body: Uint8Array<ArrayBuffer>;
  algorithm: "sha1" | "sha256";
  /** Seconds before now. */
  age: number;
  encoding: "plain" | "gzip" | "chunks";
  headers: [string, string][];
  spoiled: Spoiled | null;
}

/** What makes a request one that must not be accepted. */
type Spoiled =
  | { what: "signature" | "timestamp"; value: string | null }
  | { what: "method"; value: string }
  | { what: "body" | "gzip" };

const header = fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,300}$/);
const spoiledRequests: fc.Arbitrary<Spoiled> = fc.oneof(
  fc.record({
    what: fc.constant("signature" as const),
    value: fc.oneof(fc.constantFrom(null, "", "0".repeat(40), "f".repeat(64), "a".repeat(100_000)), header),
  }),
  fc.record({
    what: fc.constant("timestamp" as const),
    value: fc.oneof(
      fc.constantFrom(null, "", "0", "-1", "1e9", "99999999999", "1760000000", "٠١٢٣٤٥٦٧٨٩".slice(0, 0)),
      header,
    ),
  }),
  fc.record({
    what: fc.constant("method" as const),
    value: fc.constantFrom("GET", "PUT", "DELETE", "OPTIONS", "PATCH", "X"),
  }),
  fc.record({ what: fc.constantFrom("body" as const, "gzip" as const) }),
);

const noise = fc.array(
  fc.tuple(
    fc.constantFrom(
      "content-type",
      "user-agent",
      "x-nf-request-id",
      "content-encoding",
      "x-cld-signature_v2",
      "host",
      "expect",
      "x-forwarded-for",
    ),
    header,
  ),
  { maxLength: 3 },
);

export const requests = (known: readonly KnownAsset[]): fc.Arbitrary<FuzzedRequest> =>
  fc.record({
    path: fc.constantFrom(...paths),
    body: bodies(known),
    algorithm: fc.constantFrom("sha1" as const, "sha256" as const),
    age: fc.oneof(
      { arbitrary: fc.constant(0), weight: 3 },
      { arbitrary: fc.integer({ min: -250, max: 7_100 }), weight: 1 },
    ),
    encoding: fc.constantFrom("plain" as const, "plain" as const, "gzip" as const, "chunks" as const),
    headers: noise,
    spoiled: fc.oneof({ arbitrary: fc.constant(null), weight: 9 }, { arbitrary: spoiledRequests, weight: 1 }),
  });

/** The function of the request's path. */
export const hookOf = ({ path }: FuzzedRequest): NetlifyFunctionHandler => hooks[path];

export const maxBodyBytes = 4 * 1024 * 1024;

/** Whether the request must be stored: Cloudinary could have sent it. Said apart from the code under test. */
export const mustBeStored = ({ body, spoiled }: FuzzedRequest): boolean =>
  spoiled === null && body.byteLength <= maxBodyBytes;

export function requestOf(fuzzed: FuzzedRequest, origin: string): Request {
  const { path, body, algorithm, age, encoding, spoiled } = fuzzed;
  const timestamp = String(Math.floor(Date.now() / 1_000) - age);
  const signature = createHash(algorithm).update(body).update(timestamp).update(testSecret).digest("hex");
  const headers = new Headers();
  for (const [name, value] of fuzzed.headers)
    if (name !== "content-encoding" || (encoding !== "gzip" && value !== "gzip"))
      headers.set(name, value.trim());
  headers.set("x-cld-timestamp", timestamp);
  headers.set("x-cld-signature", signature);
  if (encoding === "gzip") headers.set("content-encoding", "gzip");
  if (spoiled?.what === "signature") setOrDelete(headers, "x-cld-signature", spoiled.value);
  if (spoiled?.what === "timestamp") setOrDelete(headers, "x-cld-timestamp", spoiled.value);
  const url = new URL(path, origin);
  if (spoiled?.what === "method") return new Request(url, { method: spoiled.value, headers });
  const sent = spoiled?.what === "body" ? Buffer.concat([body, Buffer.from(" ")]) : body;
  const bytes = encoding === "gzip" ? gzipSync(sent) : sent;
  if (spoiled?.what === "gzip") {
    headers.set("content-encoding", "gzip");
    return new Request(url, {
      method: "POST",
      headers,
      body: Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), sent]),
    });
  }
  if (encoding !== "chunks")
    return new Request(url, { method: "POST", headers, body: new Uint8Array(bytes) });
  return new Request(url, { method: "POST", headers, body: chunksOf(bytes), duplex: "half" });
}

function setOrDelete(headers: Headers, name: string, value: string | null): void {
  if (value === null) headers.delete(name);
  else headers.set(name, value.trim());
}

/** Parts of uneven sizes, some of them empty. */
function chunksOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  let size = 1;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + size));
      at += size;
      size = Math.min(size * 3, 50_000);
    },
  });
}
