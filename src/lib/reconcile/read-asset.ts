import { randomUUID } from "node:crypto";
import type { Settings } from "../../settings.types.ts";
import { type CloudinaryApi, resourceType } from "../cloudinary/api.ts";
import type { Db } from "../database/pool.ts";
import { feed } from "./record-missing.ts";
import { uploadBody } from "./uploads.ts";

/**
 * Reads the current state of an asset from Cloudinary (one Admin API call) and records it like an upload notification, even if the
 * upload was recorded before. `assetId`: the id that the handlers use; for old assets `resource_type/type/public_id`.
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
    // Recorded even if the state has not changed.
    request_id: `read-${randomUUID()}`,
    ...(named.success && { asset_id: undefined }),
  };
  await feed(db, body, { settings, cloud: api.cloudName });
  return "recorded";
}
