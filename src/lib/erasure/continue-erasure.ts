import type { Db } from "../database/pool.ts";
import { notificationTypes } from "../notifications/types.ts";
import { withoutPrefix } from "../shared/asset-prefix.ts";
import { eraseAct } from "./erase-acts.ts";
import type { ErasePart } from "./erase-part.ts";
import { mentionsOf } from "./mentions.ts";
import { matching } from "./request-erasure.ts";

export interface ErasureProgress {
  id: string;
  finished: boolean;
  /** The notifications that this call erased. */
  erased: number;
  /** The remaining notifications. */
  left: number;
  /** Remaining notifications with a running delivery; they are erased when it ends. */
  running: number;
  /** The totals of all calls, by kind. */
  counts: Record<string, number>;
}

export interface ErasureMeans {
  /** Erase the rows in other tables. */
  parts: readonly ErasePart[];
  /** Writes the search texts of assets again from the notifications that are left. */
  searchAgain: (db: Db, keys: readonly string[]) => Promise<void>;
}

/** The batch size: the statement takes about a second. */
const batch = 200;

// Rows are locked before they are checked: a delivery that a worker claims at the same time is skipped here, or is no longer due
// there. A notification with a running delivery is kept until the delivery ends, because its handler has the body and may still write
// results. A delivery with an expired lease ends here; its worker can no longer settle it. Deliveries that push the current state of a
// product (planned by another delivery) stay due: they do not read the body, and may report that a picture was removed.
const erasing = `
with target as (
  select * from erasures where id = $1::uuid and finished_at is null
), candidates as materialized (
  select n.id, n.asset_id from notifications n
  where n.erased_at is null and n.id in (${matching("target")})
  order by n.received_at, n.id limit $2::int
  for no key update of n skip locked
), locked as materialized (
  select d.id, d.notification_id, d.state = 'running' and d.lease_until > now() as running,
         d.state in ('running', 'held', 'dead') or (d.state = 'due' and d.planned_by is null) as ends,
         d.state = 'due' and d.planned_by is not null as pushes
  from deliveries d where d.notification_id in (select id from candidates)
  for update of d skip locked
), erasable as materialized (
  select c.id, c.asset_id from candidates c
  where (select count(*) from deliveries d where d.notification_id = c.id) = (select count(*) from locked l where l.notification_id = c.id)
    and not exists (select from locked l where l.notification_id = c.id and l.running)
), emptied as (
  update notifications n set
    body = '', headers = '{}', request_id = null, version = null, erased_at = now(),
    type = case when n.type = any ($3::text[]) then n.type else 'custom' end,
    asset_id = case when t.notification_id is null and n.asset_id is not null and not n.asset_id = any (t.asset_ids) then n.asset_id end,
    public_id = case when t.notification_id is null and n.asset_id is not null and not n.asset_id = any (t.asset_ids) then n.public_id end
  from erasable e, target t where n.id = e.id
  returning n.id
), ended as (
  update deliveries d set
    state = case when l.ends then 'skipped' else d.state end,
    settled_at = case when l.ends then now() else d.settled_at end,
    lease_until = null, worker = null,
    last_error = case when l.ends or d.state = 'skipped' then 'erased' end,
    subject = case when l.pushes then d.subject end,
    result = null, progress = null
  from locked l join erasable e on e.id = l.notification_id
  where d.id = l.id
  returning d.id, l.ends
), texts as (
  update attempts a set error = null, exchange = null, ended_at = coalesce(a.ended_at, now()), outcome = coalesce(a.outcome, 'lost')
  from ended where a.delivery_id = ended.id
  returning a.delivery_id
), names as (
  delete from notification_asset a using erasable e, target t
  where a.notification_id = e.id and coalesce(t.notification_id is not null or a.asset_id = any (t.asset_ids)
    or (a.asset_id is null and a.public_id = any (t.public_ids)), false)
), found as (
  delete from search_texts s where s.key in (select id::text from erasable union select asset_id from erasable)
    or s.key in (select unnest(asset_ids) from target)
  returning s.key
), acts as (
  update operator_acts o set reason = null, detail = null from erasable e where o.notification_id = e.id and o.act <> '${eraseAct}'
), counted as (
  update erasures x set counts = x.counts
    || jsonb_build_object('notifications', coalesce((x.counts->>'notifications')::int, 0) + (select count(*) from emptied)::int)
    || jsonb_build_object('deliveries', coalesce((x.counts->>'deliveries')::int, 0) + (select count(*) from ended)::int)
    || jsonb_build_object('skipped', coalesce((x.counts->>'skipped')::int, 0) + (select count(*) from ended where ends)::int)
    || jsonb_build_object('attempts', coalesce((x.counts->>'attempts')::int, 0) + (select count(*) from texts)::int)
  from target t where x.id = t.id
  returning x.counts
)
select counted.counts, t.asset_ids as "assetIds", t.public_ids as "publicIds", t.asset_prefix as "assetPrefix", t.notification_id is null as "isAsset",
       (select count(*)::int from emptied) as erased, array(select key from found) as keys,
       (select count(*)::int from notifications n where n.erased_at is null and n.id in (${matching("target")}))
         - (select count(*)::int from emptied)
         -- One whose assets are not listed yet may name the asset.
         + (select count(*)::int from unlisted_notifications u where t.notification_id is null) as left,
       (select count(*)::int from candidates) - (select count(*)::int from erasable) as running
from counted, target t`;

interface Batch {
  counts: Record<string, number>;
  assetIds: string[];
  publicIds: string[];
  assetPrefix: string;
  isAsset: boolean;
  erased: number;
  /** The assets or notifications whose search texts were erased. */
  keys: string[];
  left: number;
  running: number;
}

/**
 * Erases the next batch of an erasure. After the last batch, erases the data in other tables and finishes the erasure. Safe to repeat
 * and to run concurrently. null if there is no such erasure.
 */
export async function continueErasure(
  db: Db,
  id: string,
  { parts, searchAgain }: ErasureMeans,
): Promise<ErasureProgress | null> {
  const { rows } = await db.query<Batch>(erasing, [id, batch, notificationTypes]);
  const [done] = rows;
  if (!done) return await finished(db, id);
  const { counts, erased, left, running, keys } = done;
  // The other notifications of the asset stay, so they are found again.
  if (!done.isAsset && keys.length > 0) await searchAgain(db, keys);
  if (left > 0) return { id, finished: false, erased, left, running, counts };
  const more: Record<string, number> = {};
  const { assetIds, publicIds, assetPrefix } = done;
  const asset = { erasureId: id, assetIds, publicIds, assetPrefix };
  if (done.isAsset) for (const part of parts) Object.assign(more, await part(db, asset));
  const mentions = mentionsOf([...assetIds, ...assetIds.map(withoutPrefix), ...publicIds]);
  await db.query(finishing, [id, JSON.stringify(more), mentions]);
  return { ...((await finished(db, id)) ?? { id, left: 0, running: 0, counts, finished: true }), erased };
}

// The identifiers are deleted last, so that an interrupted erasure can be continued until then.
const finishing = `
update erasures set finished_at = now(), asset_ids = '{}', public_ids = '{}', notification_id = null, counts = counts || $2::jsonb,
  reason = case when reason = any (asset_ids || public_ids) or reason ~ any ($3::text[]) then '[erased]' else reason end
where id = $1::uuid and finished_at is null`;

async function finished(db: Db, id: string): Promise<ErasureProgress | null> {
  const { rows } = await db.query<{ counts: Record<string, number> }>(
    "select counts from erasures where id = $1::uuid and finished_at is not null",
    [id],
  );
  return rows[0] ? { id, finished: true, erased: 0, left: 0, running: 0, counts: rows[0].counts } : null;
}

/** Continues interrupted erasures, a few batches at a call. Returns the number of erased notifications. */
export async function continueOpenErasures(db: Db, means: ErasureMeans): Promise<number> {
  const { rows } = await db.query<{ id: string }>(
    "select id from erasures where finished_at is null order by requested_at limit 5",
  );
  let erased = 0;
  for (const { id } of rows) erased += (await continueErasure(db, id, means))?.erased ?? 0;
  return erased;
}
