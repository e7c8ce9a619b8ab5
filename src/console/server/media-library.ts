import type { Config } from "../../config.types.ts";
import { accountOf } from "../../lib/cloudinary/accounts.ts";
import { masked } from "../../lib/shared/masked.ts";

/**
 * Where people find an asset in Cloudinary's Media Library: a search for its public id. The address of an asset's own page contains an
 * id of the product environment that no notification tells, so people choose the environment there. Under `netlify dev` the emulator's library. Null for a name that holds an e-mail address or a token, which must be in no link.
 */
export function mediaLibraryLink(
  config: Config,
  { publicId, cloud }: { publicId: string | null; cloud: string | null },
): string | null {
  if (publicId === null || masked(publicId) !== publicId) return null;
  const account = accountOf(config, cloud);
  const prefix = account?.uploadPrefix;
  if (config.local && prefix && URL.canParse(prefix)) {
    const { assetPrefix, cloudName } = account;
    return new URL(assetPrefix === undefined ? "/library" : `/clouds/${cloudName}/library`, prefix).href;
  }
  const query = new URLSearchParams({ q: `public_id="${publicId.replace(/["\\]/g, "\\$&")}"` });
  return `https://console.cloudinary.com/console/media_library/search?${query}`;
}
