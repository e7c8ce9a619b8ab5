import type { JsonObject } from "./json.ts";

/**
 * Whether a body of type `upload` reports that the upload failed, in which case it is read, routed and recorded as `error`. A body with
 * a version reports an asset that exists, whatever else it says.
 */
export function isFailedUpload({ notification_type: type, version, status, error }: JsonObject): boolean {
  if (type !== "upload" || (version !== undefined && version !== null)) return false;
  const hasError =
    (typeof error === "object" && error !== null) || (typeof error === "string" && error !== "");
  return hasError || status === "failed";
}
