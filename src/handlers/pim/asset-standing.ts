import type { Db } from "../../lib/database/pool.ts";

/** Whether an asset is trusted, for pages that show it. */
export interface AssetStanding {
  /** A visitor uploaded it. */
  byVisitor: boolean;
  /** It is not assigned to a product until its newest version is approved. */
  untrusted: boolean;
  /** The newest known version, or null. */
  version: number | null;
  resetAt: Date | null;
  /** Of its newest version, by notifications only; it does not count. `cloudinary`: what Cloudinary has; null if it was not asked yet. */
  unconfirmedApproval: { kinds: string[]; cloudinary: string | null } | null;
}

const standing = `
select a.untrusted as "byVisitor", exists (select from pim_untrusted_asset u where u.asset_id = a.asset_id) as untrusted,
       greatest(a.version, (select max(r.version) from pim_rendition r where r.asset_id = a.asset_id and r.version_in_url))::float8 as version,
       a.reset_at as "resetAt",
       (select jsonb_build_object('kinds', u.kinds, 'cloudinary', a.approval_answer)
        from pim_unconfirmed_approval u where u.asset_id = a.asset_id order by u.version desc limit 1) as "unconfirmedApproval"
from pim_asset a where a.asset_id = $1`;

/** null if the PIM handler does not know the asset. */
export async function assetStanding(db: Db, assetId: string): Promise<AssetStanding | null> {
  const { rows } = await db.query<AssetStanding>(standing, [assetId]);
  return rows[0] ?? null;
}

/** The effect of a delete notification. */
export interface Removal {
  assets: number;
  /** Removed from products when the notification was delivered. */
  pictures: number;
  /** When an operator restored it. */
  restoredAt: Date | null;
}

/** null if it removed nothing or has not been delivered yet. */
export async function removalBy(db: Db, notificationId: string): Promise<Removal | null> {
  const { rows } = await db.query<Removal>(
    `select count(*)::int as assets, coalesce(sum(pictures), 0)::int as pictures, max(restored_at) as "restoredAt"
     from pim_removals where notification_id = $1::uuid having count(*) > 0`,
    [notificationId],
  );
  return rows[0] ?? null;
}

/** The number of pictures that delete notifications removed from products in the last hour, excluding those that an operator restored. */
export async function picturesRemovedLately(db: Db): Promise<number> {
  const { rows } = await db.query<{ pictures: number }>(
    `select coalesce(sum(pictures), 0)::int as pictures from pim_removals
     where pictures > 0 and restored_at is null and removed_at > now() - interval '1 hour'`,
  );
  return rows[0]?.pictures ?? 0;
}

/** The number of pictures on products whose URL contains an earlier public id, because it could not be signed again. */
export async function stalePictures(db: Db): Promise<number> {
  // Only signed pictures that were not signed for the current name can be stale.
  const { rows } = await db.query<{ pictures: number }>(
    `select count(*)::int as pictures from pim_rendition r
     join pim_asset a on a.asset_id = r.asset_id
     join pim_product_image i on i.asset_id = r.asset_id and i.rendition = r.name
     where r.url_signature is not null and a.public_id <> r.public_id and r.resigned_for is distinct from a.public_id and i.stale`,
  );
  return rows[0]?.pictures ?? 0;
}
