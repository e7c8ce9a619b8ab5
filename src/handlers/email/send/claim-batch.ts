import type { HandlerContext } from "../../../lib/deliveries/handler.ts";

/** A delivery taken along, with what its notification says. */
export interface Gathered {
  deliveryId: string;
  /** Names the claim by which it was taken. */
  attempts: number;
  notificationId: string;
  type: string;
  publicId: string | null;
  receivedAt: Date;
  signedAt: Date | null;
  source: string;
  cloud: string | null;
  /** null: too large to fetch by the hundred. */
  body: Uint8Array | null;
}

export type Gathering =
  /** Another delivery of the subject gathers just now, and takes this one along. */
  { kind: "follow" } | { kind: "lead"; others: Gathered[] };

// One at a time for a subject. It takes under its own lease what is due, and what this or another worker has just claimed, whose
// claim ends by the next number; it waits for claims on their way, so that none is left for a second mail. What is taken no
// longer counts as waiting, so that nobody takes it again: if this worker is lost, it waits anew.
// Only those whose recipients lack the same mail: who has it already is kept from attempt to attempt.
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
    and (d.state = 'due' or (d.state = 'running' and d.sending_at is null))
    and d.progress->'accepted' is not distinct from me.accepted
  order by d.created_at limit $3::int
  for update of d
), closed as (
  update attempts a set ended_at = now(), outcome = 'wait'
  from others where others.state = 'running' and a.delivery_id = others.id and a.number = others.attempts
), led as (
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
       case when octet_length(n.body) <= 65536 then n.body end as body
from turn left join taken on true left join notifications n on n.id = taken.notification_id
order by taken.created_at`;

interface Row extends Omit<Gathered, "deliveryId"> {
  mine: boolean;
  deliveryId: string | null;
}

/** Takes the deliveries that wait under the same subject as this one, in one statement. */
export async function gather(context: HandlerContext): Promise<Gathering> {
  const { deliveryId, claimNumber, subject, settings } = context;
  const { rows } = await context.db.query<Row>(statement, [
    deliveryId,
    claimNumber,
    settings.email.digest.largest - 1,
    subject,
  ]);
  if (rows.some(({ mine }) => !mine)) return { kind: "follow" };
  return {
    kind: "lead",
    others: rows.flatMap(({ mine: _, deliveryId: id, ...row }) =>
      id === null ? [] : [{ ...row, deliveryId: id }],
    ),
  };
}
