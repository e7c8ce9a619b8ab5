import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { ceiling } from "../shared/ceiling.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import { envelope } from "./envelope.ts";

/** A batch takes less than a second, so that a worker that stops in between has lost little. */
const batch = 5_000;

interface Unlisted {
  id: string;
  /** So many of its assets are listed. */
  listed: number;
  body: Uint8Array;
  signedAt: Date | null;
  receivedAt: Date;
  assetPrefix: string;
}

/**
 * Writes the assets of notifications that name too many for the statement that recorded them (`maxAtOnce` in record.ts). Until then, no
 * delivery is claimed, no decision is carried out and no erasure is finished, because what looks for an asset would not find them.
 * Safe to repeat and to run concurrently. Returns whether none is left; `any`: whether there was one.
 */
export async function listAssets(
  db: Db,
  settings: Settings,
  budgetMs: number,
): Promise<{ complete: boolean; any: boolean }> {
  const elapsedMs = stopwatch();
  for (let any = false; ; any = true) {
    const { rows } = await db.query<Unlisted>(oldest);
    const [found] = rows;
    if (found === undefined) return { complete: true, any };
    if (elapsedMs() >= budgetMs) return { complete: false, any: true };
    const latest = ceiling(found.signedAt ?? found.receivedAt, settings);
    const { assets } = envelope(found.body, "", latest, found.assetPrefix);
    for (let at = found.listed; at < assets.length; at += batch) {
      if (elapsedMs() >= budgetMs) return { complete: false, any: true };
      const some = assets.slice(at, at + batch);
      const { rowCount } = await db.query(listing, [found.id, at, some.length, JSON.stringify(some)]);
      if (rowCount === 0) break; // Another worker wrote them, or the notification was erased.
    }
    await db.query(closing, [found.id, assets.length]);
  }
}

const oldest = `
select n.id, u.listed, n.body, n.signed_at as "signedAt", n.received_at as "receivedAt", n.asset_prefix as "assetPrefix"
from unlisted_notifications u join notifications n on n.id = u.notification_id order by u.noted_at, n.id limit 1`;

// An erasure at the same time locks the notification too: one of the two statements then sees the result of the other.
const listing = `
with kept as materialized (
  select id from notifications where id = $1::uuid and erased_at is null for share
), moved as (
  update unlisted_notifications u set listed = u.listed + $3::int from kept
  where u.notification_id = kept.id and u.listed = $2::int
  returning u.notification_id
)
insert into notification_asset (notification_id, asset_id, public_id, version)
select moved.notification_id, asset.asset_id, asset.public_id, asset.version
from moved, jsonb_to_recordset($4::jsonb) as asset (asset_id text, public_id text, version bigint)`;

// The body of an erased notification is empty, so nothing of it is left to list.
const closing = `delete from unlisted_notifications where notification_id = $1::uuid and listed >= $2::int`;
