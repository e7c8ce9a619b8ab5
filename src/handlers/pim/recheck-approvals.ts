import { randomUUID } from "node:crypto";
import type { CloudinaryApi } from "../../lib/cloudinary/api.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import type { Db } from "../../lib/database/pool.ts";
import { feedProducts } from "../../lib/reconcile/record-missing.ts";
import { uploadBody } from "../../lib/reconcile/uploads.ts";
import { prefixInSql } from "../../lib/shared/asset-prefix.ts";
import { errorText, log } from "../../lib/shared/log.ts";
import type { Settings } from "../../settings.types.ts";
import { answerOf } from "./confirm-approval.ts";

/** Asked again after one hour, then two, and so on: for about two days in all. */
const maxAsks = 10;

// Without an asset id, it cannot be asked for together with others.
const take = `
update pim_asset set approval_asked_at = now(), approval_asks = approval_asks + 1
where asset_id in (
  select a.asset_id
  from pim_asset a
  join pim_unconfirmed_approval u on u.asset_id = a.asset_id
  where a.untrusted and position('/' in a.asset_id) = 0 and ${prefixInSql("a.asset_id")} = $1
    and (a.approval_asked_at is null
      or a.approval_asks < ${maxAsks} and a.approval_asked_at < now() - a.approval_asks * interval '1 hour')
  order by a.approval_asked_at nulls first, a.asset_id limit 100)
returning asset_id as "assetId",
  (select max(u.version)::float8 from pim_unconfirmed_approval u where u.asset_id = pim_asset.asset_id) as version,
  coalesce((select u.kinds from pim_unconfirmed_approval u where u.asset_id = pim_asset.asset_id order by u.version desc limit 1), '{}') as kinds`;

const keep = "update pim_asset set approval_answer = $2 where asset_id = $1";

/**
 * Asks Cloudinary about approvals of visitors' uploads that it did not confirm, or was not asked about because the hourly limit was
 * reached. One Admin API call for up to 100 assets, and none if there are none. What it confirms is recorded like an upload, so that
 * connectors learn of it. Returns the number of assets that were recorded.
 */
export async function recheckApprovals(
  db: Db,
  api: Pick<CloudinaryApi, "cloudName" | "assetPrefix" | "findAll">,
  settings: Settings,
): Promise<number> {
  const { rows } = await db.query<{ assetId: string; version: number; kinds: string[] }>(take, [
    api.assetPrefix,
  ]);
  if (rows.length === 0) return 0;
  try {
    const found = new Map(
      (await api.findAll(rows.map(({ assetId }) => assetId))).map((asset) => [asset.asset_id, asset]),
    );
    let recorded = 0;
    for (const row of rows) {
      const asset = found.get(row.assetId) ?? null;
      const answer = answerOf(asset, row);
      await db.query(keep, [row.assetId, answer]);
      if (asset === null || answer !== "approved") continue;
      // Recorded even if the upload is known.
      const body = { ...uploadBody(asset), request_id: `approval-${randomUUID()}` };
      await feedProducts(db, body, { settings, of: api });
      recorded += 1;
    }
    return recorded;
  } catch (error) {
    if (!(error instanceof CloudinaryError)) throw error;
    log("warn", "approvals were not confirmed; the sweep asks again", { error: errorText(error) });
    return 0;
  }
}
