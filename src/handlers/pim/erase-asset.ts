import type { ErasePart } from "../../lib/erasure/erase-part.ts";

// Assets from notifications without asset ids are stored as `resource_type/type/public_id`.
const statement = `
with gone as materialized (
  select asset_id from pim_asset
  where asset_id = any ($1::text[]) or (public_id = any ($2::text[]) and asset_id = $3 || concat_ws('/', resource_type, delivery_type, public_id))
  union select unnest($1::text[])
), unknown as (
  delete from pim_unknown_sku u
  where exists (select from pim_claim c where c.field = 'sku' and c.value = u.sku and c.asset_id in (select asset_id from gone))
    and not exists (select from pim_claim c where c.field = 'sku' and c.value = u.sku and c.asset_id not in (select asset_id from gone))
), claims as (
  delete from pim_claim where asset_id in (select asset_id from gone) returning 1
), statuses as (
  delete from pim_moderation where asset_id in (select asset_id from gone) returning 1
), renditions as (
  delete from pim_rendition where asset_id in (select asset_id from gone) returning 1
), removals as (
  delete from pim_removals where asset_id in (select asset_id from gone) returning 1
), awaited as (
  delete from pim_awaited_pictures where asset_id in (select asset_id from gone)
), names as (
  delete from pim_asset_names where asset_id in (select asset_id from gone) returning 1
), assets as (
  delete from pim_asset where asset_id in (select asset_id from gone) returning 1
)
select (select count(*) from claims)::int + (select count(*) from statuses)::int
     + (select count(*) from renditions)::int + (select count(*) from removals)::int + (select count(*) from names)::int + (select count(*) from assets)::int as "pimRows"`;

/** Erases everything that the PIM handler stored about the asset. */
export const eraseFromPim: ErasePart = async (db, { assetIds, publicIds, assetPrefix }) => {
  const { rows } = await db.query<{ pimRows: number }>(statement, [assetIds, publicIds, assetPrefix]);
  return { ...rows[0] };
};
