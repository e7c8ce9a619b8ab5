import { randomUUID } from "node:crypto";
import type { Settings } from "../../settings.types.ts";
import { type CloudinaryApi, resourceType } from "../cloudinary/api.ts";
import type { Db } from "../database/pool.ts";
import { feed } from "./record-missing.ts";
import { uploadBody } from "./uploads.ts";

/**
 * Asks Cloudinary how an asset is (one call of the Admin API) and records the answer like the notification of its upload, whatever
 * was recorded of it before. `assetId`: as the handlers know it, for old assets `resource_type/type/public_id`.
 */
export async function readAsset(
  db: Db,
  api: Pick<CloudinaryApi, "cloudName" | "find">,
  assetId: string,
  settings: Settings,
): Promise<"recorded" | "gone"> {
  const [, kind, type = "", publicId = ""] = /^(image|video|raw)\/([^/]+)\/(.+)$/s.exec(assetId) ?? [];
  const named = resourceType.safeParse(kind);
  const found = await api.find(
    named.success ? { assetId: null, name: { resourceType: named.data, type, publicId } } : { assetId },
  );
  if (found === null) return "gone";
  const body = {
    ...uploadBody(found),
    // It is read for what it says now, also where it says the same as before.
    request_id: `read-${randomUUID()}`,
    ...(named.success && { asset_id: undefined }),
  };
  await feed(db, body, { settings, cloud: api.cloudName });
  return "recorded";
}
