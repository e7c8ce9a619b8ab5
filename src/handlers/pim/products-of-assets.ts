import type { Db } from "../../lib/database/pool.ts";

/** The products of an asset, and its display name, for lists. */
export interface AssetProducts {
  skus: string[];
  displayName: string | null;
}

/** What the PIM handler knows about these assets, by asset id. */
export async function productsOfAssets(
  db: Db,
  assetIds: readonly string[],
): Promise<ReadonlyMap<string, AssetProducts>> {
  if (assetIds.length === 0) return new Map();
  const { rows } = await db.query<AssetProducts & { assetId: string }>(
    `select a.asset_id as "assetId", a.display_name as "displayName",
            array(select s.sku from pim_asset_sku s where s.asset_id = a.asset_id order by 1) as skus
     from pim_asset a where a.asset_id = any ($1::text[])`,
    [[...new Set(assetIds)]],
  );
  return new Map(rows.map(({ assetId, ...known }) => [assetId, known]));
}
