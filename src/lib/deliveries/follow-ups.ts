import { jsonb } from "../database/jsonb.ts";
import type { Db } from "../database/pool.ts";
import type { Follow } from "./handler.ts";

// Like the follow-ups of `settle`: one due row for each handler and subject, regardless of the number of requests.
const statement = `
insert into deliveries (notification_id, handler, subject, planned_by)
select about.id, f.handler, f.subject, about.id
from (select coalesce($1::uuid, (
        select id from notifications where asset_id = $2 order by received_at desc limit 1)) as id) about,
     jsonb_to_recordset($3::jsonb) as f (handler text, subject text)
where about.id is not null
on conflict (handler, subject) where state = 'due' and planned_by is not null do nothing`;

/**
 * Plans deliveries that an operator's action causes. They belong to the notification of the action, or to the newest notification
 * of the asset. Returns their number; 0 if no notification of the asset is stored any more.
 */
export async function planFollowUps(
  db: Db,
  about: { notificationId: string } | { assetId: string },
  follow: readonly Follow[],
): Promise<number> {
  if (follow.length === 0) return 0;
  const params = "notificationId" in about ? [about.notificationId, null] : ([null, about.assetId] as const);
  const { rowCount } = await db.query(statement, [...params, jsonb(follow)]);
  return rowCount;
}
