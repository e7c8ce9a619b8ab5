import { isOfCloud } from "../handlers/moderation/ledger.ts";
import type { Db } from "../lib/database/pool.ts";

/** Whether a version still waits for a decision, by what was recorded. Cloudinary is asked when a decision is made. */
export type Standing = "waits" | "deleted" | "replaced" | "approved" | "rejected" | "unknown";

// Cloudinary's decision times have a resolution of one second.
const statement = `
with gone as (
  select exists (
    select from notifications n where n.asset_id = $1 and n.type in ('delete', 'delete_by_token') and ${isOfCloud("$3", "n")}
      and n.received_at >= coalesce((select max(noted_at) from moderation_decision where asset_id = $1 and version = $2::bigint), '-infinity'))
  or exists (
    select from notification_asset a join notifications n on n.id = a.notification_id
    where a.asset_id = $1 and n.type in ('delete', 'delete_by_token') and ${isOfCloud("$3", "n")}
      and n.received_at >= coalesce((select max(noted_at) from moderation_decision where asset_id = $1 and version = $2::bigint), '-infinity')) as yes
), pending as (
  select max(date_trunc('second', decided_at)) as at from moderation_decision where asset_id = $1 and version = $2::bigint and status = 'pending'
)
select gone.yes as deleted, pending.at is not null as known,
  exists (select from moderation_decision where asset_id = $1 and version > $2::bigint) as replaced,
  (select status from moderation_decision
   where asset_id = $1 and version = $2::bigint and status in ('approved', 'rejected') and taken_back_at is null
     and unconfirmed_at is null and kind = 'manual' and decided_at >= coalesce(pending.at, '-infinity')
   order by decided_at desc limit 1) as decided
from gone, pending`;

interface Row {
  deleted: boolean;
  known: boolean;
  replaced: boolean;
  decided: "approved" | "rejected" | null;
}

export async function standingOf(
  db: Db,
  { assetId, version, cloud }: { assetId: string; version: number; cloud: string },
): Promise<Standing> {
  const { rows } = await db.query<Row>(statement, [assetId, version, cloud]);
  const [row] = rows;
  if (!row) return "unknown";
  if (row.deleted) return "deleted";
  if (row.replaced) return "replaced";
  return row.decided ?? (row.known ? "waits" : "unknown");
}
