import type { Db } from "../database/pool.ts";
import { prefixInSql, withPrefix } from "../shared/asset-prefix.ts";
import { redact } from "../shared/redact.ts";

/**
 * The target of an erasure: an asset of one cloud, by its asset id or public id as Cloudinary knows it, or one notification.
 * `assetPrefix`: that of the cloud (see asset-prefix.ts).
 */
export type ErasureTarget = { asset: string; assetPrefix: string } | { notification: string };

/** The data found for an identifier, which an erasure would affect. */
export interface ErasurePreview {
  assetIds: string[];
  publicIds: string[];
  notifications: number;
  /** Those that also name other assets; their bodies are erased completely. */
  shared: number;
  deliveries: number;
  /** Deliveries that are not finished, or on hold; they end as `skipped: erased`. */
  open: number;
  /** Whether its newest notification is a deletion. If not, Cloudinary may still have the asset, and its next notification is recorded again. */
  deleted: boolean;
}

// An asset has one asset id and, after renames, several public ids; old delete notifications contain only the public id. The identifier
// is therefore resolved to asset ids, and these to public ids. If a rename contains no asset id, its two names belong together, over
// any number of renames.
const found = `
given as (
  select $1::text as asset, $2::uuid as notification, $3::text as full_id, $4::text as prefix
), ids as (
  select n.asset_id from notifications n, given where n.asset_id = full_id or n.public_id = asset and n.asset_prefix = prefix
  union select a.asset_id from notification_asset a, given where a.asset_id = full_id
  union select a.asset_id from given, notification_asset a join notifications n on n.id = a.notification_id
    where a.public_id = asset and n.asset_prefix = prefix
  union select p.asset_id from pim_asset p, given
    where p.asset_id = full_id or p.public_id = asset and ${prefixInSql("p.asset_id")} = prefix
  union select m.asset_id from moderation_decision m, given where m.asset_id = full_id
), asset_ids as (
  select coalesce(array_agg(distinct asset_id), '{}') as list from ids where asset_id is not null
), names as (
  select n.public_id from notifications n, asset_ids where n.asset_id = any (list)
  union select a.public_id from notification_asset a, asset_ids where a.asset_id = any (list)
  union select p.public_id from pim_asset p, asset_ids where p.asset_id = any (list)
  union select n.public_id from notifications n, given where n.public_id = asset and n.asset_prefix = prefix
  union select a.public_id from given, notification_asset a join notifications n on n.id = a.notification_id
    where a.public_id = asset and n.asset_prefix = prefix
), also as (
  select public_id from names where public_id is not null
  union
  select other.public_id from also
  join notification_asset a on a.public_id = also.public_id and a.asset_id is null
  join notifications n on n.id = a.notification_id and n.type = 'rename' and n.asset_prefix = (select prefix from given)
  join notification_asset other on other.notification_id = n.id
), public_ids as (
  select coalesce(array_agg(public_id), '{}') as list from also
)`;

/** The notifications about `target`; erased ones no longer contain an identifier. */
export const matching = (target: string) => `
  select n.id from notifications n, ${target} t where n.asset_id = any (t.asset_ids)
  union select n.id from notifications n, ${target} t where n.asset_id is null and n.public_id = any (t.public_ids) and n.asset_prefix = t.asset_prefix
  union select a.notification_id from notification_asset a, ${target} t where a.asset_id = any (t.asset_ids)
  union select a.notification_id from ${target} t, notification_asset a join notifications n on n.id = a.notification_id
    where a.asset_id is null and a.public_id = any (t.public_ids) and n.asset_prefix = t.asset_prefix
  union select n.id from notifications n, ${target} t where n.id = t.notification_id`;

const previewing = `
with recursive ${found}, target as (
  select asset_ids.list as asset_ids, public_ids.list as public_ids, notification as notification_id, prefix as asset_prefix from given, asset_ids, public_ids
), matches as materialized (
  select n.id, n.type, n.received_at from notifications n where n.erased_at is null and n.id in (${matching("target")})
)
select asset_ids as "assetIds", public_ids as "publicIds",
       (select count(*)::int from matches) as notifications,
       (select count(*)::int from matches m where exists (
          select from notification_asset a where a.notification_id = m.id
            and not coalesce(a.asset_id = any (asset_ids) or (a.asset_id is null and a.public_id = any (public_ids)), false))) as shared,
       (select count(*)::int from deliveries d join matches m on m.id = d.notification_id) as deliveries,
       (select count(*)::int from deliveries d join matches m on m.id = d.notification_id
        where d.state in ('due', 'running', 'held', 'dead')) as open,
       coalesce((select m.type in ('delete', 'delete_by_token') from matches m order by m.received_at desc, m.id limit 1), false) as deleted
from target`;

/** Counts what an erasure would affect, without changes. */
export async function previewErasure(db: Db, target: ErasureTarget): Promise<ErasurePreview | null> {
  const { rows } = await db.query<ErasurePreview>(previewing, paramsOf(target));
  const [preview] = rows;
  const isThere = preview && preview.notifications + preview.assetIds.length + preview.publicIds.length > 0;
  return isThere ? preview : null;
}

// Salted with its own id, so that the same identifier has a different hash in each row.
const requesting = `
with recursive ${found}, asked as (
  insert into erasures (id, who, reason, identifier_sha256, asset_ids, public_ids, notification_id, asset_prefix)
  select salt.id, $5, $6, encode(sha256(convert_to(salt.id || ' ' || coalesce(asset, notification::text), 'utf8')), 'hex'),
         asset_ids.list, public_ids.list, (select n.id from notifications n where n.id = notification), prefix
  from (select gen_random_uuid() as id) salt, given, asset_ids, public_ids
  where asset_ids.list <> '{}' or public_ids.list <> '{}'
     or exists (select from notifications n where n.id = notification and n.erased_at is null)
  returning id
), noted as (
  insert into operator_acts (who, act, notification_id, reason, detail)
  select $5, 'forget', (select n.id from notifications n, given where n.id = notification), $6, jsonb_build_object('erasure', id) from asked
)
select id from asked`;

/** Records an erasure for `continueErasure`. null if nothing is recorded for this identifier. */
export async function requestErasure(
  db: Db,
  target: ErasureTarget,
  { who, reason }: { who: string; reason: string },
): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(requesting, [...paramsOf(target), who, redact(reason)]);
  return rows[0]?.id ?? null;
}

function paramsOf(target: ErasureTarget): (string | null)[] {
  if ("notification" in target) return [null, target.notification, null, ""];
  const { asset, assetPrefix } = target;
  return [asset, null, withPrefix(assetPrefix, asset), assetPrefix];
}
