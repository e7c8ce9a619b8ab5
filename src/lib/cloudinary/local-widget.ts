import { createHmac } from "node:crypto";

/**
 * Proves to the Cloudinary emulator that an upload comes from the Upload Widget page of this stack. The page runs in a sandboxed
 * frame with the origin `null`. Any site can create such a frame, so the origin is not sufficient.
 */
export function localWidgetToken(apiSecret: string): string {
  return createHmac("sha256", apiSecret).update("local upload widget").digest("base64url");
}
