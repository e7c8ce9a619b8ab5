import { v2 as sdk } from "cloudinary";
import type { CloudinaryAccount } from "../../config.ts";
import type { AssetName } from "./api.ts";

/** How long the address lasts. A page asks for one when it shows the picture, and again when it shows it anew. */
const lifetimeSeconds = 60;

/**
 * A short-lived signed address of the original, whatever its delivery type or access control. It is a link for one person's browser:
 * never stored, logged, mailed or put into an answer that is.
 */
export function downloadUrl(
  account: CloudinaryAccount,
  name: AssetName,
  { format, now }: { format: string; now: number },
): string {
  const timestamp = Math.floor(now / 1_000);
  const options = {
    cloud_name: account.cloudName,
    api_key: account.apiKey,
    api_secret: account.apiSecret,
    ...(account.uploadPrefix !== undefined && { upload_prefix: account.uploadPrefix }),
    resource_type: name.resourceType,
    type: name.type,
    timestamp,
    expires_at: timestamp + lifetimeSeconds,
  };
  return sdk.utils.private_download_url(name.publicId, format, options);
}
