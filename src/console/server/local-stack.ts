import type { Config } from "../../config.types.ts";
import { isLoopback } from "../../lib/shared/loopback.ts";

/**
 * Whether this is the local stack of `npm start`: `netlify dev`, asked on this machine, with the emulator in Cloudinary's place. Not a
 * deployed site, and not `netlify dev` with an account, where a forged notification could delete a real picture.
 */
export function isLocalStack({ local, cloudinary }: Config, url: string): boolean {
  if (!local || !isLoopback(new URL(url))) return false;
  const prefix = cloudinary?.uploadPrefix ?? null;
  return prefix !== null && URL.canParse(prefix) && isLoopback(new URL(prefix));
}
