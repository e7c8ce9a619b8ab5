import type { Db } from "../database/pool.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import type { Json } from "./handler.ts";
import { waitForTurn } from "./wait-for-turn.ts";

/** A delivery that this worker has leased, with the data that its handler needs. */
export interface Job {
  deliveryId: string;
  handler: string;
  subject: string | null;
  /** Identifies this claim when it is settled. */
  attempts: number;
  /** The number of attempts, including this one, without waits. */
  tries: number;
  progress: Json | null;
  /** The remaining lease in milliseconds, measured on this machine from before the claim. */
  leaseLeftMs: () => number;
  /** Its previous lease expired, so it may have crashed a worker. */
  lost: boolean;
  notificationId: string;
  type: string;
  publicId: string | null;
  receivedAt: Date;
  signedAt: Date | null;
  source: string;
  cloud: string | null;
  byPublicHook: boolean;
  assetPrefix: string;
  body: Uint8Array;
  /** Its body was erased, and the handler needs it. */
  erased: boolean;
}

export interface ClaimOptions {
  worker: string;
  /** Only deliveries for which this worker has a handler. */
  handlers: readonly string[];
  limit: number;
  /** The worker is idle, so it may take a delivery with an expired lease: a delivery that crashes workers must run in isolation. */
  idle: boolean;
  leaseMs: number;
  maxTries: number;
  maxWorkers: number;
}

// Not while a notification's assets are being listed (list-assets.ts), at most for 15 minutes: a handler looks for what else names its asset.
// Due deliveries are looked for handler by handler, so that the backlog of a paused handler is not read.
// Those of a `.fifo` handler run one at a time for each subject, in order of receipt: an earlier one that waits for its retry blocks later ones.
// After an expired lease, a delivery is claimed again (its effect can be repeated or checked), held (the effect may have happened and
// cannot be checked), or dead (no attempts are left). `pending` in its progress: the other side recognises the request that was sent.
const statement = `
with unlisted as materialized (
  select exists (select from unlisted_notifications where noted_at > now() - interval '15 minutes') as is_any
), others as (
  select count(distinct worker) as n from deliveries where state = 'running' and lease_until > now() and worker <> $1::uuid
), expired as (
  select id from deliveries
  where $4::boolean and state = 'running' and lease_until <= now() and handler = any ($2::text[])
    and handler not in (select handler from paused_handlers)
    and (select n from others) < $7::int
  order by lease_until limit 1
  for update skip locked
), active as materialized (
  select handler from unnest($2::text[]) as h (handler)
  where handler not in (select handler from paused_handlers)
    and not exists (select from expired)
    and not (select is_any from unlisted)
    and (select n from others) < $7::int
), fresh as (
  select due.id from active cross join lateral (
    select d.id, d.due_at from deliveries d
    where d.state = 'due' and d.due_at <= now() and d.handler = active.handler
      and (d.planned_by is null or not exists (
        select from deliveries r where r.state = 'running' and r.handler = d.handler and r.subject = d.subject and r.planned_by is not null))
      and (d.handler not like '%.fifo' or d.subject is null or d.planned_by is not null or not is_blocked(d))
    order by d.due_at limit $3::int
    for update of d skip locked) due
  order by due.due_at limit $3::int
), lost as (
  update attempts a set ended_at = now(), outcome = 'lost'
  from expired join deliveries d using (id)
  where a.delivery_id = d.id and a.number = d.attempts and a.ended_at is null
), claimed as (
  update deliveries d set
    state = case when picked.unsure then 'held'
                 when picked.lost and d.attempts - d.waits >= $6::int then 'dead'
                 else 'running' end,
    attempts = d.attempts + case when picked.unsure or (picked.lost and d.attempts - d.waits >= $6::int) then 0 else 1 end,
    lease_until = now() + $5::bigint * interval '1 ms',
    worker = $1::uuid,
    progress = case when picked.unsure then d.progress - 'pending' else d.progress end,
    last_error = case when picked.unsure then 'outcome-unknown'
                      when picked.lost then 'lease-lost' else d.last_error end,
    settled_at = case when picked.unsure or (picked.lost and d.attempts - d.waits >= $6::int) then now() end
  from (
    select id, true as lost, e.sending_at is not null and (e.attempts - e.waits >= $6::int or not coalesce(e.progress ? 'pending', false)) as unsure
    from expired join deliveries e using (id)
    union all select id, false, false from fresh) picked
  where d.id = picked.id
  returning d.*, picked.lost
), opened as (
  insert into attempts (delivery_id, number) select id, attempts from claimed where state = 'running'
)
select c.id as "deliveryId", c.handler, c.subject, c.attempts, c.attempts - c.waits as tries, c.progress,
       c.lost, c.state, n.id as "notificationId", n.type, n.public_id as "publicId", n.received_at as "receivedAt", n.signed_at as "signedAt", n.source, n.cloud,
       n.by_public_hook as "byPublicHook", n.asset_prefix as "assetPrefix", n.body,
       n.erased_at is not null and c.planned_by is null as erased, unlisted.is_any as unlisted
from unlisted left join (claimed c join notifications n on n.id = c.notification_id) on true
order by c.due_at`;

export interface Claimed {
  jobs: Job[];
  /** Deliveries that must not run again and are now held or dead. */
  ended: Job[];
  /** Nothing due was claimed, because assets must be listed first. */
  unlisted: boolean;
}

type Row = Omit<Job, "leaseLeftMs"> & { state: string; unlisted: boolean };

/** The row of a claim that found nothing. */
interface Nothing {
  deliveryId: null;
  unlisted: boolean;
}

/** Claims up to `limit` due deliveries, or one with an expired lease. */
export async function claim(db: Db, options: ClaimOptions): Promise<Claimed> {
  await waitForTurn(db, options.handlers, options.limit);
  const elapsedMs = stopwatch();
  const { rows } = await db.query<Row | Nothing>(statement, [
    options.worker,
    options.handlers,
    options.limit,
    options.idle,
    options.leaseMs,
    options.maxTries,
    options.maxWorkers,
  ]);
  const jobs = rows.flatMap((row) =>
    row.deliveryId === null ? [] : { ...row, leaseLeftMs: () => options.leaseMs - elapsedMs() },
  );
  return {
    unlisted: rows.some(({ unlisted }) => unlisted),
    jobs: jobs.filter(({ state }) => state === "running"),
    ended: jobs.filter(({ state }) => state !== "running"),
  };
}
