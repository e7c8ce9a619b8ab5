import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { ofOnlyRow } from "../database/sql.ts";
import { stopwatch } from "../shared/stopwatch.ts";

/** Notifications of one statement, which takes well below a second. */
const batch = 1_000;

interface Batch {
  /** The notifications that were deleted. */
  deleted: number;
  /** Whether more may follow. */
  full: boolean;
}

/**
 * Deletes old notifications, batch by batch, until none are left or the time is up; at least one batch of each kind. Of those that
 * stayed, one batch is looked at again, and more while there is something to delete. Decisions and PIM rows are kept.
 */
export async function forgetOld(
  db: Db,
  { days, openDays }: Settings["retention"],
  budgetMs: number,
): Promise<number> {
  const elapsedMs = stopwatch();
  const repeat = async (next: () => Promise<Batch>): Promise<number> => {
    const { deleted, full } = await next();
    return deleted + (full && elapsedMs() < budgetMs ? await repeat(next) : 0);
  };
  const settled = await repeat(() => forgetSettled(db, days, "next"));
  const again = await repeat(async () => {
    const looked = await forgetSettled(db, days, "again");
    return { ...looked, full: looked.full && looked.deleted > 0 };
  });
  const open = openDays === null ? 0 : await repeat(() => forgetOpen(db, openDays));
  await db.query("delete from refusals where hour < now() - $1::int * interval '1 day'", [days]);
  return settled + again + open;
}

const markOf = ofOnlyRow("retention_marks");

/** Which notifications a pass looks at, and how it moves its mark. */
const passes = {
  /** Those that have become old since the pass before. */
  next: {
    after: `(n.received_at, n.id) > (${markOf("received_at")}, ${markOf("id")})`,
    move: "update retention_marks set received_at = last.received_at, id = last.id from last",
  },
  /** Those that stayed; from the beginning again after the last of them. */
  again: {
    after: `(n.received_at, n.id) > (${markOf("again_received_at")}, ${markOf("again_id")})
       and (n.received_at, n.id) <= (${markOf("received_at")}, ${markOf("id")})`,
    move: `update retention_marks set again_received_at = coalesce(last.received_at, '-infinity'),
             again_id = coalesce(last.id, '00000000-0000-0000-0000-000000000000')
           from (select 1) always left join last on (select count(*) from looked) = $2::int`,
  },
} as const;

/**
 * Notifications whose deliveries are all done or skipped, `days` after they were received. Looks at `batch` old notifications after a
 * mark, so that those that stay cost the same however many they are.
 */
async function forgetSettled(db: Db, days: number, pass: keyof typeof passes): Promise<Batch> {
  const { after, move } = passes[pass];
  return await forget(
    db,
    `looked as materialized (
       select n.id, n.asset_id, n.received_at from notifications n
       where n.received_at < now() - $1::int * interval '1 day' and ${after}
       order by n.received_at, n.id limit $2::int
     ), last as (
       select received_at, id from looked order by received_at desc, id desc limit 1
     ), moved as (
       ${move}
     ), old as materialized (
       -- offset 0: one look into the index for each, where a join would read all deliveries.
       select id, asset_id from looked
       where not exists (select from deliveries d where d.notification_id = looked.id and d.state not in ('done', 'skipped') offset 0)
     )`,
    days,
  );
}

/** Notifications whose last dead or held delivery ended `days` ago, without an operator's action. A replay that fails again restarts the period. */
async function forgetOpen(db: Db, days: number): Promise<Batch> {
  return await forget(
    db,
    `old as materialized (
       select n.id, n.asset_id from notifications n where n.id in (
         select d.notification_id from deliveries d
         where d.state in ('held', 'dead') and d.settled_at < now() - $1::int * interval '1 day'
           and not exists (
             select from deliveries o where o.notification_id = d.notification_id
               and (o.state in ('due', 'running') or o.settled_at >= now() - $1::int * interval '1 day'))
         order by d.settled_at limit $2::int)
     ), looked as (select from old)`,
    days,
  );
}

/** Deletes the notifications `old`, and the search texts of those whose asset has no other notification. */
async function forget(db: Db, which: string, days: number): Promise<Batch> {
  const { rows } = await db.query<Batch>(
    `with ${which}, texts as (
       delete from search_texts s where s.key in (select id::text from old)
          or s.key in (
            select o.asset_id from old o where o.asset_id is not null and not exists (
              select from notifications n where n.asset_id = o.asset_id and n.id not in (select id from old)))
     ), gone as (
       delete from notifications where id in (select id from old) returning 1
     )
     select (select count(*) from gone)::int as deleted, (select count(*) from looked) >= $2::int as full`,
    [days, batch],
  );
  return rows[0] ?? { deleted: 0, full: false };
}
