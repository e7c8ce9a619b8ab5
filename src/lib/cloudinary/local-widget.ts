import { createHmac } from "node:crypto";

/**
 * Proves to the local Cloudinary that an upload comes from the Upload Widget page of this stack. The page runs in a sandboxed
 * frame, whose origin is `null`: any site can make such a frame, so the origin alone proves nothing.
 */
export function localWidgetToken(apiSecret: string): string {
  return createHmac("sha256", apiSecret).update("local upload widget").digest("base64url");
}
