import { createHash } from "node:crypto";
import { settings } from "../../settings.ts";

/** A notification as Cloudinary would send it. The signature must not leave the call that makes it. */
export function signedRequest(
  body: string,
  { url, secret, agent }: { url: URL; secret: string; agent: string },
): Request {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const [algorithm] = settings.receive.algorithms;
  const signature = createHash(algorithm ?? "sha256")
    .update(body)
    .update(timestamp)
    .update(secret)
    .digest("hex");
  return new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": agent,
      "x-cld-timestamp": timestamp,
      "x-cld-signature": signature,
    },
    body,
  });
}
