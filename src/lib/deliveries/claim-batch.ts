import type { HandlerContext } from "./handler.ts";

/** A delivery of a batch, with the fields of its notification that a digest needs. */
export interface BatchedDelivery {
  deliveryId: string;
  /** Identifies the claim that added it to the batch. */
  attempts: number;
  notificationId: string;
  type: string;
  publicId: string | null;
  receivedAt: Date;
  signedAt: Date | null;
  source: string;
  cloud: string | null;
  assetPrefix: string;
  /** null when it is over 64 KiB, which is too large to load for a whole batch. */
  body: Uint8Array | null;
}

export type BatchClaim =
  /** Another delivery is claiming a batch for this subject and may include this one. */
  { kind: "deferred" } | { kind: "leader"; others: BatchedDelivery[] };

// One leader at a time per subject. The leader claims due deliveries under its own lease, and takes over deliveries that a worker
// has just claimed: their current attempt ends as a wait, and the next attempt number belongs to the leader. The statement waits
// for claims in flight, so that none is left for a second mail. Claimed deliveries no longer count as waiting, so no other leader
// takes them; if this worker is lost, they wait again.
// Only deliveries with the same set of remaining recipients are claimed: accepted recipients are stored between attempts.
const statement = `
with turn as materialized (
  select pg_try_advisory_xact_lock(hashtextextended($4, 7)) as mine
), me as materialized (
  select d.id, d.handler, d.lease_until, d.worker, d.progress->'accepted' as accepted
  from deliveries d, turn
  where turn.mine and d.id = $1::uuid and d.state = 'running' and d.attempts = $2::int and d.lease_until > now()
  for update of d
), others as materialized (
  select d.id, d.state, d.attempts from me join deliveries d on d.handler = me.handler and d.subject = $4
  where d.id <> me.id and d.progress @> '{"waited": true}' and d.planned_by is null
    and not d.progress ? 'pending'
    and (d.state = 'due' or (d.state = 'running' and d.sending_at is null))
    and d.progress->'accepted' is not distinct from me.accepted
  order by d.created_at limit $3::int
  for update of d
), closed as (
  -- Not an update, which would not see the attempts of a claim that it waited for.
  insert into attempts (delivery_id, number, ended_at, outcome)
  select id, attempts, now(), 'wait' from others where state = 'running'
  on conflict (delivery_id, number) do update set ended_at = excluded.ended_at, outcome = excluded.outcome
), leader as (
  update deliveries d set progress = d.progress || '{"waited": false}' from me where d.id = me.id
), taken as (
  update deliveries d set
    state = 'running', attempts = d.attempts + 1, waits = d.waits + case when others.state = 'running' then 1 else 0 end,
    lease_until = me.lease_until, worker = me.worker, progress = d.progress || '{"waited": false}'
  from others, me where d.id = others.id
  returning d.id, d.attempts, d.notification_id, d.created_at
), opened as (
  insert into attempts (delivery_id, number) select id, attempts from taken
)
select turn.mine, taken.id as "deliveryId", taken.attempts, n.id as "notificationId", n.type,
       n.public_id as "publicId", n.received_at as "receivedAt", n.signed_at as "signedAt", n.source, n.cloud,
       n.asset_prefix as "assetPrefix", case when octet_length(n.body) <= 65536 then n.body end as body
from turn left join taken on true left join notifications n on n.id = taken.notification_id
order by taken.created_at`;

interface Row extends Omit<BatchedDelivery, "deliveryId"> {
  mine: boolean;
  deliveryId: string | null;
}

/** Claims up to `maxOthers` deliveries that wait under the same subject as this one, in a single statement. */
export async function claimBatch(
  context: Pick<HandlerContext, "db" | "deliveryId" | "claimNumber" | "subject">,
  maxOthers: number,
): Promise<BatchClaim> {
  const { deliveryId, claimNumber, subject } = context;
  const { rows } = await context.db.query<Row>(statement, [deliveryId, claimNumber, maxOthers, subject]);
  if (rows.some(({ mine }) => !mine)) return { kind: "deferred" };
  return {
    kind: "leader",
    others: rows.flatMap(({ mine: _, deliveryId: id, ...row }) =>
      id === null ? [] : [{ ...row, deliveryId: id }],
    ),
  };
}
