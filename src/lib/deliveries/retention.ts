import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";

const batch = 500;

/** Deletes old notifications, one batch of each kind at a call. Decisions and PIM rows are kept. */
export async function forgetOld(db: Db, { days, openDays }: Settings["retention"]): Promise<number> {
  const settled = await forgetSettled(db, days);
  const open = openDays === null ? 0 : await forgetOpen(db, openDays);
  await db.query("delete from refusals where hour < now() - $1::int * interval '1 day'", [days]);
  return settled + open;
}

/** Notifications whose deliveries are all done or skipped, `days` after they were received. */
async function forgetSettled(db: Db, days: number): Promise<number> {
  return await forget(
    db,
    `select n.id, n.asset_id from notifications n
     where n.received_at < now() - $1::int * interval '1 day'
       and not exists (select from deliveries d where d.notification_id = n.id and d.state not in ('done', 'skipped'))
     order by n.received_at limit $2::int`,
    days,
  );
}

/** Notifications whose last dead or held delivery ended `days` ago, without an operator's action. A replay that fails again restarts the period. */
async function forgetOpen(db: Db, days: number): Promise<number> {
  return await forget(
    db,
    `select n.id, n.asset_id from notifications n where n.id in (
       select d.notification_id from deliveries d
       where d.state in ('held', 'dead') and d.settled_at < now() - $1::int * interval '1 day'
         and not exists (
           select from deliveries o where o.notification_id = d.notification_id
             and (o.state in ('due', 'running') or o.settled_at >= now() - $1::int * interval '1 day'))
       order by d.settled_at limit $2::int)`,
    days,
  );
}

/** Deletes notifications, and the search texts of those whose asset has no other notification. */
async function forget(db: Db, which: string, days: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `with old as materialized (${which}), texts as (
       delete from search_texts s where s.key in (select id::text from old)
          or s.key in (
            select o.asset_id from old o where o.asset_id is not null and not exists (
              select from notifications n where n.asset_id = o.asset_id and n.id not in (select id from old)))
     ), gone as (
       delete from notifications where id in (select id from old) returning 1
     )
     select count(*)::int as count from gone`,
    [days, batch],
  );
  return rows[0]?.count ?? 0;
}
