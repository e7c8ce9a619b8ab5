import type { Db } from "../database/pool.ts";

const batch = 500;

/** Deletes settled notifications older than `days`, a batch at a call. Dead and held ones stay, and so do decisions and PIM rows. */
export async function forgetSettled(db: Db, days: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from notifications where id in (
       select n.id from notifications n
       where n.received_at < now() - $1::int * interval '1 day'
         and not exists (select from deliveries d where d.notification_id = n.id and d.state not in ('done', 'skipped'))
       order by n.received_at limit $2::int)`,
    [days, batch],
  );
  await db.query("delete from refusals where hour < now() - $1::int * interval '1 day'", [days]);
  return rowCount;
}
