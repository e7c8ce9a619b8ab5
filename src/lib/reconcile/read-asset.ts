import { randomUUID } from "node:crypto";
import type { Settings } from "../../settings.types.ts";
import { type AssetName, type CloudinaryApi, type FoundAsset, resourceType } from "../cloudinary/api.ts";
import type { Db } from "../database/pool.ts";
import { withoutPrefix } from "../shared/asset-prefix.ts";
import { feed } from "./record-missing.ts";
import { uploadBody } from "./uploads.ts";

/**
 * Reads the current state of an asset from Cloudinary (one Admin API call) and records it like an upload notification, even if the
 * upload was recorded before. `assetId`: the id that the handlers use; for old assets `resource_type/type/public_id`.
 */
export async function readAsset(
  db: Db,
  api: Pick<CloudinaryApi, "cloudName" | "assetPrefix" | "find">,
  assetId: string,
  settings: Settings,
): Promise<"recorded" | "gone"> {
  const found = await findByIdentity(api, assetId);
  if (found === null) return "gone";
  const body = {
    ...uploadBody(found),
    // Recorded even if the state has not changed.
    request_id: `read-${randomUUID()}`,
    ...(nameIn(assetId) && { asset_id: undefined }),
  };
  await feed(db, body, { settings, of: api });
  return "recorded";
}

/** By the id that the handlers use. Admin API. */
export async function findByIdentity(
  api: Pick<CloudinaryApi, "find">,
  assetId: string,
): Promise<FoundAsset | null> {
  const name = nameIn(assetId);
  return await api.find(name ? { assetId: null, name } : { assetId });
}

/** null: it is an asset id. */
function nameIn(assetId: string): AssetName | null {
  const [, kind, type = "", publicId = ""] =
    /^(image|video|raw)\/([^/]+)\/(.+)$/s.exec(withoutPrefix(assetId)) ?? [];
  const named = resourceType.safeParse(kind);
  return named.success ? { resourceType: named.data, type, publicId } : null;
}
