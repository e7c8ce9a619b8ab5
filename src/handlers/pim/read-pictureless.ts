import type { CloudinaryApi } from "../../lib/cloudinary/api.ts";
import type { Db } from "../../lib/database/pool.ts";
import { feedProducts } from "../../lib/reconcile/record-missing.ts";
import { uploadBody } from "../../lib/reconcile/uploads.ts";
import { prefixInSql } from "../../lib/shared/asset-prefix.ts";
import { errorText, log } from "../../lib/shared/log.ts";
import type { Settings } from "../../settings.types.ts";

/** So many are looked at each time; those that were not asked for come again after all others. */
const maxLooked = 500;

// Each asset once; an asset whose read got no answer again after an hour. Those that have a picture by now, were read or were erased
// are not awaited any more.
const take = `
with looked as materialized (
  select asset_id from pim_awaited_pictures where ${prefixInSql("asset_id")} = $1 order by looked_at limit ${maxLooked}
), open as materialized (
  select l.asset_id from looked l join pim_asset a on a.asset_id = l.asset_id
  where a.read_result is null
    and not exists (select from pim_rendition r where r.asset_id = l.asset_id and r.secure_url is not null offset 0)
), ended as (
  delete from pim_awaited_pictures where asset_id in (select asset_id from looked except select asset_id from open)
), noted as (
  -- Only if there may be others, whose turn is next.
  update pim_awaited_pictures set looked_at = now()
  where asset_id in (select asset_id from open) and (select count(*) from looked) = ${maxLooked}
)
update pim_asset set read_at = now()
where asset_id in (
  select a.asset_id from open join pim_pictureless_asset n on n.asset_id = open.asset_id join pim_asset a on a.asset_id = n.asset_id
  where a.read_at is null or a.read_at < now() - interval '1 hour'
  order by a.first_seen_at desc limit 100)
returning asset_id`;

const keep =
  "update pim_asset set read_result = case when asset_id = any ($2) then 'recorded' else 'gone' end where asset_id = any ($1)";

/**
 * Reads assets that got their SKU before any picture of them was known, such as assets that are older than the receiver. One Admin
 * API call for up to 100 assets, and none if there are none. Returns the number of assets that were recorded.
 */
export async function readPictureless(
  db: Db,
  api: Pick<CloudinaryApi, "cloudName" | "assetPrefix" | "findAll">,
  settings: Settings,
): Promise<number> {
  const { rows } = await db.query<{ asset_id: string }>(take, [api.assetPrefix]);
  if (rows.length === 0) return 0;
  const ids = rows.map(({ asset_id }) => asset_id);
  try {
    const found = await api.findAll(ids);
    for (const asset of found) await feedProducts(db, uploadBody(asset), { settings, of: api });
    await db.query(keep, [ids, found.map(({ asset_id }) => asset_id ?? "")]);
    return found.length;
  } catch (error) {
    log("warn", "assets without a picture were not read; the next try is in an hour", {
      error: errorText(error),
    });
    return 0;
  }
}
