import type { Db } from "../../lib/database/pool.ts";
import { prefixInSql } from "../../lib/shared/asset-prefix.ts";
import type { Change } from "./changes.ts";

/** A removal without an asset id applies to the assets of its cloud that currently have its public id; other changes are returned unchanged. */
export async function withTheirIds(db: Db, change: Change): Promise<Change[]> {
  const { publicId, resourceType, deliveryType } = change.facts;
  if (change.kind !== "remove" || change.named || publicId === undefined) return [change];
  const { rows } = await db.query<{ asset_id: string }>(
    `select asset_id from pim_asset
     where public_id = $1 and coalesce(resource_type = $2, true) and coalesce(delivery_type = $3, true)
       and ${prefixInSql("asset_id")} = ${prefixInSql("$4")}`,
    [publicId.value, resourceType ?? null, deliveryType?.value ?? null, change.facts.assetId],
  );
  const known = rows.filter(({ asset_id }) => asset_id !== change.facts.assetId);
  return [
    change,
    ...known.map(({ asset_id }) => ({ ...change, facts: { ...change.facts, assetId: asset_id } })),
  ];
}
