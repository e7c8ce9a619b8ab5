import type { ErasePart } from "../../lib/erasure/erase-part.ts";
import { prefixInSql } from "../../lib/shared/asset-prefix.ts";

// Assets from notifications without asset ids are stored as `resource_type/type/public_id`.
const statement = `
update akeneo_urls set asset_id = null, erased_at = now()
where asset_id = any ($1::text[]) or substring(asset_id from '^[^/]+/[^/]+/(.*)$') = any ($2::text[]) and ${prefixInSql("asset_id")} = $3`;

/** Erases which asset the digests belong to. The digests stay for a while: with them the URLs can still be removed from Akeneo. */
export const eraseFromAkeneo: ErasePart = async (db, { assetIds, publicIds, assetPrefix }) => {
  const { rowCount } = await db.query(statement, [assetIds, publicIds, assetPrefix]);
  return { akeneoRows: rowCount };
};
