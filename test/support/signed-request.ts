import { createHash } from "node:crypto";

/** The secret of the tests' configuration. */
export const testSecret = "t3st-Secret_of-27-characters";

export interface SignedRequestOptions {
  path?: string;
  secret?: string;
  algorithm?: "sha1" | "sha256";
  /** Seconds. */
  timestamp?: number;
  headers?: Record<string, string>;
  origin?: string;
  method?: string;
}

/** A request as Cloudinary sends it, valid unless told otherwise. The signature is written out here, apart from the code under test. */
export function signedRequest(
  body: string | Uint8Array | object,
  options: SignedRequestOptions = {},
): Request {
  const bytes =
    body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const timestamp = String(options.timestamp ?? Math.floor(Date.now() / 1_000));
  const signature = createHash(options.algorithm ?? "sha1")
    .update(bytes)
    .update(timestamp)
    .update(options.secret ?? testSecret)
    .digest("hex");
  return new Request(new URL(options.path ?? "/webhooks", options.origin ?? "https://hooks.example.com"), {
    method: options.method ?? "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": "Cloudinary",
      "x-cld-timestamp": timestamp,
      "x-cld-signature": signature,
      ...options.headers,
    },
    body: Buffer.from(bytes),
  });
}
