import { jsonb } from "../../lib/database/jsonb.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import type { PimSettings } from "../../settings.types.ts";
import { changesOf } from "./changes.ts";
import { namedSkus } from "./state.ts";

const trust = `
update pim_asset a set trusted_version = greatest(a.trusted_version, $2::bigint), updated_at = now()
where a.asset_id = $1
  and $2::bigint >= greatest(a.version, (select max(r.version) from pim_rendition r where r.asset_id = a.asset_id and r.version_in_url), 0)
  -- An operator cannot trust a version that has not been uploaded yet.
  and ($2::bigint = 0 or exists (
    select from pim_rendition r where r.asset_id = a.asset_id and r.version = $2::bigint) or a.version = $2::bigint)
  -- Without an asset id, it may be a visitor's asset that has been uploaded again since.
  and not exists (
    select from pim_namesake s join pim_asset_versions v on v.asset_id = s.other_id
    where s.asset_id = a.asset_id and v.newest > $2::bigint)
returning ${namedSkus("a")} as skus`;

export type Trusted = { ok: true; skus: string[] } | { ok: false; reason: "no-such-asset" | "newer-version" };

/** Trusts a visitor's asset up to the version that the operator has seen, so that it is assigned to its product. */
export async function trustAsset(
  db: Db,
  { assetId, version }: { assetId: string; version: number },
): Promise<Trusted> {
  const { rows } = await db.query<{ skus: string[] }>(trust, [assetId, version]);
  const [row] = rows;
  if (row !== undefined) return { ok: true, skus: row.skus };
  const { rows: known } = await db.query("select from pim_asset where asset_id = $1", [assetId]);
  return { ok: false, reason: known.length === 0 ? "no-such-asset" : "newer-version" };
}

// Writes a row for each asset in the notification, removed or not, so that a later or repeated delivery of the delete has no effect.
const restore = `
with named as (
  select g.asset_id, g.version, g.at from jsonb_to_recordset($2::jsonb) as g (asset_id text, version bigint, at timestamptz)
), restored as (
  update pim_removals d set restored_at = now()
  where d.notification_id = $1::uuid and d.restored_at is null
    and not exists (select from named n where n.asset_id = d.asset_id)
  returning d.asset_id
), ahead as (
  insert into pim_removals (asset_id, notification_id, version, at, restored_at)
  select asset_id, $1::uuid, version, at, now() from named
  on conflict (asset_id, notification_id) do update set restored_at = coalesce(pim_removals.restored_at, now())
  returning asset_id
), earlier as (
  -- Removed before removals were stored per notification.
  update pim_asset a set restored_at = greatest(a.restored_at, a.deleted_at)
  from named n where a.asset_id = n.asset_id and a.deleted_at = n.at
)
select asset_id from restored union select asset_id from ahead`;

const afterRestore = `
select a.asset_id as "assetId", a.skus,
       (select count(distinct i.rendition)::int from pim_product_image i where i.asset_id = a.asset_id) as pictures,
       exists (select from pim_removals d
               where d.asset_id = a.asset_id and d.restored_at is null and d.at > coalesce(a.restored_at, '-infinity')) as removed
from pim_asset a where a.asset_id = any ($1::text[])`;

export interface Restored {
  assets: number;
  /** Pictures that are on products now. */
  pictures: number;
  /** Assets that another delete removed as well. */
  stillRemoved: number;
  skus: string[];
}

/**
 * Reverts one delete notification: earlier and later deletes of the same assets remain in effect, and replaying this one removes
 * nothing. null if the notification is not a delete.
 */
export async function restoreRemoved(
  db: Db,
  notification: RecordedNotification,
  settings: PimSettings,
): Promise<Restored | null> {
  const { type } = notification.content;
  if (type !== "delete" && type !== "delete_by_token") return null;
  const named = new Map(
    (changesOf(notification, settings) ?? []).flatMap((change) =>
      change.kind === "remove"
        ? [[change.facts.assetId, { asset_id: change.facts.assetId, version: change.version, at: change.at }]]
        : [],
    ),
  );
  const { rows: restored } = await db.query<{ asset_id: string }>(restore, [
    notification.id,
    jsonb([...named.values()]),
  ]);
  const ids = restored.map(({ asset_id }) => asset_id);
  const { rows } = await db.query<{ skus: string[]; pictures: number; removed: boolean }>(afterRestore, [
    ids,
  ]);
  return {
    assets: rows.length,
    pictures: rows.reduce((sum, { pictures }) => sum + pictures, 0),
    stillRemoved: rows.filter(({ removed }) => removed).length,
    skus: [...new Set(rows.flatMap(({ skus }) => skus))],
  };
}

// Two statements: the first blocks notifications in flight, and the second then sees everything written before.
const fence = `
update pim_asset set reset_at = date_trunc('milliseconds', now()) where asset_id = $1 returning skus`;
const clear = `
with reset as (
  update pim_asset set
    resource_type = null, public_id = null, public_id_url = null, public_id_at = null, delivery_type = null, delivery_type_at = null,
    asset_folder = null, asset_folder_at = null, display_name = null, display_name_at = null, restricted = null, public_from = null,
    public_until = null, access_at = null, access_mode = null, access_mode_at = null, format = null, is_audio = null,
    format_at = null, version = null, deleted_version = null, erased_at = null, deleted_at = null,
    restored_at = null, trusted_version = null, approval_asked_at = null, approval_asks = 0, approval_answer = null,
    updated_at = now()
  where asset_id = $1
  returning asset_id
), claims as (
  delete from pim_claim c using reset where c.asset_id = reset.asset_id
), moderation as (
  delete from pim_moderation m using reset where m.asset_id = reset.asset_id
), renditions as (
  delete from pim_rendition r using reset where r.asset_id = reset.asset_id
)
delete from pim_removals d using reset where d.asset_id = reset.asset_id`;

/**
 * Deletes the stored state of an asset. Notifications received earlier no longer affect it, even when they are replayed. It stays
 * marked as a visitor upload. Returns its products, so that connectors can be queued; null if the asset is unknown.
 */
export async function resetAsset(db: Db, assetId: string): Promise<string[] | null> {
  const { rows } = await db.query<{ skus: string[] }>(fence, [assetId]);
  const [row] = rows;
  if (row === undefined) return null;
  await db.query(clear, [assetId]);
  return row.skus;
}
