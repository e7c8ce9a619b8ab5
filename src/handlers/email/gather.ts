import type { HandlerContext } from "../../lib/handler.ts";

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
  /** null: too large to fetch by the hundred. */
  body: Uint8Array | null;
}

export type Gathering =
  /** Another delivery of the subject has come first and takes this one along. */
  { kind: "follow" } | { kind: "lead"; others: Gathered[] };

// Of those that came back from `wait` together, the one with the lowest id leads. It takes the others under its own lease:
// those still due, and those that this or another worker has just claimed, whose claim ends by the next number.
// Only those whose recipients lack the same mail: who has it already is kept from attempt to attempt.
const statement = `
with me as materialized (
  select id, handler, subject, lease_until, worker, progress->'accepted' as accepted
  from deliveries where id = $1::uuid and state = 'running' and attempts = $2::int and lease_until > now()
  for update
), first as (
  select d.id from deliveries d join me on d.handler = me.handler and d.subject = me.subject
  where d.state = 'running' and d.waits > 0 and d.sending_at is null and d.lease_until > now()
  order by d.id limit 1
), others as materialized (
  select d.id, d.state, d.attempts from me join deliveries d on d.handler = me.handler and d.subject = me.subject
  where me.id = (select id from first) and d.id <> me.id and d.waits > 0 and d.planned_by is null
    and (d.state = 'due' or (d.state = 'running' and d.sending_at is null))
    and d.progress->'accepted' is not distinct from me.accepted
  order by d.created_at limit $3::int
  for update of d skip locked
), closed as (
  update attempts a set ended_at = now(), outcome = 'wait'
  from others where others.state = 'running' and a.delivery_id = others.id and a.number = others.attempts
), taken as (
  update deliveries d set
    state = 'running', attempts = d.attempts + 1, waits = d.waits + case when others.state = 'running' then 1 else 0 end,
    lease_until = me.lease_until, worker = me.worker
  from others, me where d.id = others.id
  returning d.id, d.attempts, d.notification_id, d.created_at
), opened as (
  insert into attempts (delivery_id, number) select id, attempts from taken
)
select me.id = (select id from first) as leads, taken.id as "deliveryId", taken.attempts, n.id as "notificationId", n.type,
       n.public_id as "publicId", n.received_at as "receivedAt", n.signed_at as "signedAt", n.source,
       case when octet_length(n.body) <= 65536 then n.body end as body
from me left join taken on true left join notifications n on n.id = taken.notification_id
order by taken.created_at`;

interface Row extends Omit<Gathered, "deliveryId"> {
  leads: boolean;
  deliveryId: string | null;
}

/** Takes the deliveries that wait for the same recipients as this one, in one statement. */
export async function gather(context: HandlerContext): Promise<Gathering> {
  const { deliveryId, claimNumber, settings } = context;
  const { rows } = await context.db.query<Row>(statement, [
    deliveryId,
    claimNumber,
    settings.email.digest.largest - 1,
  ]);
  if (rows.some(({ leads }) => !leads)) return { kind: "follow" };
  return {
    kind: "lead",
    others: rows.flatMap(({ leads: _, deliveryId: id, ...row }) =>
      id === null ? [] : [{ ...row, deliveryId: id }],
    ),
  };
}
