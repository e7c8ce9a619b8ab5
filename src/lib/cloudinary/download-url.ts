import { v2 as sdk } from "cloudinary";
import type { CloudinaryAccount } from "../../config.types.ts";
import type { AssetName } from "./api.ts";

/** The validity of the URL. The page requests a URL whenever it shows the picture. */
const lifetimeSeconds = 60;

/**
 * A short-lived signed URL of the original, regardless of its delivery type and access control. It is intended for one person's
 * browser: never store, log or mail it, and never put it into a response that is stored.
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
