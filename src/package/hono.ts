/** `cloudinary-webhooks/hono` */

import type { MiddlewareHandler } from "hono";
import { refusal, usableSecrets, type Verified, type VerifyOptions, verifyRequest } from "./verify.ts";

/**
 * Middleware for Hono: rejects requests that Cloudinary has not signed. Handlers get the result, with the received bytes, as
 * `c.get("cloudinary")`, and can still read the body by `c.req`. Must run before anything that reads the body.
 * Throws a TypeError if `secrets` has none.
 */
export function verifyNotifications(
  options: VerifyOptions,
): MiddlewareHandler<{ Variables: { cloudinary: Verified } }> {
  usableSecrets(options);
  return async (c, next) => {
    const result = await verifyRequest(c.req.raw, options);
    if (!result.ok) return refusal(result);
    c.set("cloudinary", result);
    c.req.raw = new Request(c.req.raw, { body: Buffer.from(result.body) });
    await next();
  };
}
