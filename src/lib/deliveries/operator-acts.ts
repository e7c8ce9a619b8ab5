import type { Db } from "../database/pool.ts";
import { sql, type ToParam } from "../database/sql.ts";
import { redact } from "../shared/redact.ts";

/** Selects the deliveries of an operator's action: a condition on `deliveries d`. */
export type Which = (param: ToParam) => string;

export interface Acting {
  who: string;
  reason: string;
}

export interface Replayed {
  replayed: number;
  /** The number of selected deliveries that are left for the next call. */
  left: number;
}

/**
 * Makes deliveries due again, oldest first, at most `limit` at a call, and records who did so and why. Running deliveries are not
 * changed. For a held delivery the action is recorded as `release`, which handlers check.
 *
 * The retry schedule starts again: earlier attempts no longer count (`waits`), and the mark of an effect that may have happened is
 * removed. `progress` is kept, so that completed steps are not repeated; `forget` deletes it.
 */
export async function replay(
  db: Db,
  which: Which,
  { who, reason, forget, limit }: Acting & { forget: boolean; limit: number },
): Promise<Replayed> {
  // Of deliveries that push the current state of a subject (planned by another delivery), only one can be due: one replaces all others.
  const { text, params } = sql(
    (param) => `
with meant as (
  select d.id, d.state, d.last_error, d.created_at,
         row_number() over (
           partition by case when d.planned_by is null then d.id::text else d.handler || ' ' || coalesce(d.subject, '') end
           order by d.created_at desc, d.id) as turn,
         d.planned_by is not null and d.state <> 'due' and exists (
           select from deliveries o
           where o.state = 'due' and o.planned_by is not null and o.handler = d.handler and o.subject = d.subject) as stands
  from deliveries d where d.state <> 'running' and (${which(param)})
    and not exists (select from notifications n where n.id = d.notification_id and n.erased_at is not null)
), wanted as (
  select * from meant where turn = 1 and not stands
), taken as (
  select d.id, w.state, w.last_error from wanted w join deliveries d using (id)
  order by w.created_at, w.id limit ${param(limit)}::int
  for update of d skip locked
), replayed as (
  update deliveries d set
    state = 'due', due_at = now(), waits = d.attempts, sending_at = null, settled_at = null,
    progress = case when ${param(forget)}::boolean then null else d.progress end
  from taken where d.id = taken.id and d.state <> 'running'
  returning d.id, d.notification_id, d.handler, taken.state, taken.last_error
), noted as (
  insert into operator_acts (who, act, notification_id, delivery_id, handler, reason, detail)
  select ${param(who)}, case when state = 'held' then 'release' else 'replay' end, notification_id, id, handler,
         ${param(redact(reason))}, jsonb_build_object('state', state, 'error', last_error, 'forgot', ${param(forget)}::boolean)
  from replayed
)
select (select count(*)::int from replayed) as replayed,
       greatest(0, (select count(*) from wanted) - (select count(*) from replayed))::int as left`,
  );
  const { rows } = await db.query<Replayed>(text, params);
  return rows[0] ?? { replayed: 0, left: 0 };
}

/** Plans deliveries for handlers that have none for this notification, because its route or its type was added later. */
export async function planMissing(
  db: Db,
  notificationId: string,
  handlers: readonly string[],
  { who, reason }: Acting,
): Promise<number> {
  const { rowCount } = await db.query(
    `with planned as (
       insert into deliveries (notification_id, handler, subject)
       select n.id, wanted.handler, case when wanted.handler like '%.fifo' then n.asset_id end from notifications n, unnest($2::text[]) as wanted (handler)
       where n.id = $1::uuid and n.erased_at is null and not exists (
         select from deliveries d where d.notification_id = n.id and d.handler = wanted.handler and d.planned_by is null)
       returning id, notification_id, handler
     ), noted as (
       insert into operator_acts (who, act, notification_id, delivery_id, handler, reason, detail)
       select $3, 'replay', notification_id, id, handler, $4, '{"state": "none"}' from planned
     )
     select id from planned`,
    [notificationId, handlers, who, redact(reason)],
  );
  return rowCount;
}

export interface Discarded {
  discarded: number;
  left: number;
}

/** Discards held and dead deliveries, at most `limit` at a call. Retention can then delete their notifications. */
export async function discard(
  db: Db,
  which: Which,
  { who, reason, limit }: Acting & { limit: number },
): Promise<Discarded> {
  const { text, params } = sql(
    (param) => `
with meant as (
  select d.id, d.state, d.last_error, d.created_at from deliveries d where d.state in ('held', 'dead') and (${which(param)})
), taken as (
  select d.id, m.state, m.last_error from meant m join deliveries d using (id)
  order by m.created_at, m.id limit ${param(limit)}::int
  for update of d skip locked
), discarded as (
  update deliveries d set state = 'skipped', last_error = 'discarded', settled_at = now()
  from taken where d.id = taken.id and d.state in ('held', 'dead')
  returning d.id, d.notification_id, d.handler, taken.state, taken.last_error
), noted as (
  insert into operator_acts (who, act, notification_id, delivery_id, handler, reason, detail)
  select ${param(who)}, 'discard', notification_id, id, handler, ${param(redact(reason))},
         jsonb_build_object('state', state, 'error', last_error)
  from discarded
)
select (select count(*)::int from discarded) as discarded,
       greatest(0, (select count(*) from meant) - (select count(*) from discarded))::int as left`,
  );
  const { rows } = await db.query<Discarded>(text, params);
  return rows[0] ?? { discarded: 0, left: 0 };
}
