import type { Db } from "../../lib/database/pool.ts";
import { isOfItsCloud } from "./ledger.ts";

/** The maximum number of rows of one statement. */
const look = 2_000;
const maxLooks = 100;

// Nothing is left to decide if there is a newer version, a later decision of the same kind, or a deletion. Cloudinary's decision times
// have a resolution of one second. An asset with two pending notifications is listed once.
const mark = `
with looked as materialized (
  select d.*,
    exists (
      select from moderation_decision later
      where later.asset_id = d.asset_id and (later.version > d.version or (
        later.version = d.version and later.kind = d.kind and later.status <> 'pending' and later.taken_back_at is null
        and later.unconfirmed_at is null
        and later.decided_at >= date_trunc('second', d.decided_at))))
    or exists (
      select from moderation_decision before
      where before.asset_id = d.asset_id and before.version = d.version and before.kind = d.kind and before.status = 'pending'
        and not before.answered and before.decided_at < d.decided_at)
    or exists (
      select from notifications gone
      where gone.asset_id = d.asset_id and gone.type in ('delete', 'delete_by_token') and gone.received_at >= d.noted_at
        and ${isOfItsCloud("$1", "gone")})
    or exists (
      select from notification_asset a join notifications gone on gone.id = a.notification_id
      where a.asset_id = d.asset_id and gone.type in ('delete', 'delete_by_token') and gone.received_at >= d.noted_at
        and ${isOfItsCloud("$1", "gone")}) as over
  from moderation_decision d where d.status = 'pending' and not d.answered order by d.noted_at desc limit ${look}
), marked as (
  update moderation_decision m set answered = true from looked
  where looked.over and m.asset_id = looked.asset_id and m.version = looked.version and m.kind = looked.kind
    and m.status = 'pending' and m.decided_at = looked.decided_at
)
select count(*)::int as looked, count(*) filter (where over)::int as over from looked`;

/** Marks answered pending rows, so that later queries skip them, in `most` looks at the newest 2,000 that are not marked. */
export async function markAnswered(db: Db, cloudName: string | null, most = maxLooks): Promise<void> {
  for (let looks = 0; looks < most; looks += 1) {
    const { rows } = await db.query<{ looked: number; over: number }>(mark, [cloudName]);
    const [found] = rows;
    if (!found || found.looked < look || found.over === 0) return;
  }
}
