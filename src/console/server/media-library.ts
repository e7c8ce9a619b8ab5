import type { Config } from "../../config.types.ts";
import { masked } from "../../lib/shared/masked.ts";

/**
 * Where people find an asset in Cloudinary's Media Library: a search for its public id. The address of an asset's own page contains an
 * id of the product environment that no notification tells. Under `netlify dev` the emulator's library. Null for a name that holds an e-mail address or a token, which must be in no link.
 */
export function mediaLibraryLink({ cloudinary, local }: Config, publicId: string | null): string | null {
  if (publicId === null || masked(publicId) !== publicId) return null;
  const prefix = cloudinary?.uploadPrefix;
  if (local && prefix && URL.canParse(prefix)) return new URL("/library", prefix).href;
  const query = new URLSearchParams({ q: `public_id="${publicId.replace(/["\\]/g, "\\$&")}"` });
  return `https://console.cloudinary.com/console/media_library/search?${query}`;
}
