import type { Db } from "../../lib/database/pool.ts";
import { LeaseLost } from "../../lib/deliveries/dispatch.ts";
import type { LedgerRow } from "./combine-decisions.ts";
import { type DecisionTarget, isOfCloud, keyOf, newestVersion, recordedAbout } from "./ledger.ts";

/** The reservation of a decision, or the reason why it cannot be carried out. */
export type Reservation =
  | { kind: "reserved" }
  | { kind: "replaced" }
  | { kind: "cap-reached" }
  | { kind: "overruled" }
  /** A notification that can contain a decision was recorded since the decisions were combined. */
  | { kind: "unread" }
  | { kind: "taken-back" }
  | { kind: "carried-out" }
  | { kind: "busy"; until: Date };

export interface Reserve {
  target: DecisionTarget;
  row: LedgerRow;
  action: "publish" | "delete" | "review";
  deliveryId: string;
  /** The claim must still be valid: another worker may have taken over the delivery. */
  claimNumber: number;
  /** The notifications about this version that were taken into account. */
  read: readonly string[];
  /** How long the reservation blocks other deliveries. */
  leaseMs: number;
  maxDeletionsPerHour: number;
  /** Cloudinary is asked before the call: only its answer shows that the version was replaced, because an upload can be forged. */
  isAsked: boolean;
}

interface Look {
  mine: boolean;
  unread: boolean;
  takenBack: boolean;
  newest: number;
  nameTaken: boolean;
  overruled: boolean;
  deletions: number;
  reserved: boolean;
  carriedOut: boolean;
  otherUntil: Date | null;
}

/** SQL: whether a row is a deletion of the last hour, including those with an unknown outcome. */
export const isRecentDeletion =
  "begun_at is not null and coalesce(carried_out_at, begun_at) > now() - interval '1 hour'";

// A single statement right before the call, because Cloudinary has no conditional delete: it checks the newest version, the name, later
// decisions and the cap, and reserves. The rows of a version are locked first, so that concurrent deliveries see each other's writes.
// Notifications about this version that were not taken into account yet may contain a later decision, even if their delivery has not run.
// So may one whose assets are not listed yet.
// An upload with another resource or delivery type does not use the same name.
const reserveStatement = `
with locked as (
  select * from moderation_decision where asset_id = $1 and version = $2::bigint order by kind, status, decided_at for update
), standing as (
  select * from locked
  where taken_back_at is null and (unconfirmed_at is null or (kind = $3 and status = $4 and decided_at = $5::timestamptz))
), turned as (
  select coalesce(max(decided_at), '-infinity') as at from standing
  where status in ('approved', 'rejected') and status <> $4 and decided_at < $5::timestamptz
), look as (
  select ${newestVersion({ identity: "$1", assetId: "$10", cloud: "$16" })} as newest,
         exists (select from notifications n
                 where n.type = 'upload' and n.public_id = $11 and n.asset_id is distinct from $10 and n.version > $2::bigint
                   and ${isOfCloud("$16")}
                   and (position(convert_to('"resource_type":"' || $12 || '"', 'UTF8') in n.body) > 0
                        or position('"resource_type":"'::bytea in n.body) = 0)
                   and (position(convert_to('"type":"' || $13 || '"', 'UTF8') in n.body) > 0
                        or position('"type":"'::bytea in n.body) = 0)) as name_taken,
         exists (select from standing
                 where status in ('approved', 'rejected') and status <> $4 and decided_at > $5::timestamptz
                   and (kind in ($3, 'summary') or $4 = 'approved')) as overruled,
         exists (select from standing, turned where status = $4 and carried_out_at is not null and decided_at > turned.at) as carried_out,
         (select max(carrying_until) from standing
          where status = $4 and carried_out_at is null and carrying_until > now() and delivery_id <> $7::uuid) as other_until,
         (select count(*) from moderation_decision
          where ${isRecentDeletion} and (asset_id, version) <> ($1, $2::bigint)) as deletions,
         exists (select from deliveries
                 where id = $7::uuid and state = 'running' and attempts = $14::int and lease_until > now()) as mine,
         exists (select from (${recordedAbout({ assetId: "$10", version: "$2::bigint", cloud: "$16" }, "id")}) about where about.id <> all ($15::uuid[]))
           or exists (select from unlisted_notifications) as unread,
         exists (select from locked
                 where kind = $3 and status = $4 and decided_at = $5::timestamptz and taken_back_at is not null) as taken_back,
         (select begun from moderation_gate) as begun
), clear as (
  select begun, deletions from look
  where ($17::boolean or coalesce(newest <= $2::bigint, true) and not name_taken) and not overruled and not carried_out and other_until is null
    and mine and not unread and not taken_back
), gate as (
  update moderation_gate g set begun = g.begun + 1
  from clear where $6 = 'delete' and g.begun = clear.begun and clear.deletions < $9::bigint
  returning 1
), reserved as (
  update moderation_decision d set action = $6, delivery_id = $7::uuid, carrying_until = now() + $8::bigint * interval '1 ms',
    begun_at = case when $6 = 'delete' then now() else begun_at end
  from clear
  where d.asset_id = $1 and d.version = $2::bigint and d.kind = $3 and d.status = $4 and d.decided_at = $5::timestamptz
    and ($6 <> 'delete' or exists (select from gate))
  returning 1
)
select newest::float8 as newest, name_taken as "nameTaken", overruled, deletions::int as deletions,
       exists (select from reserved) as reserved, mine, unread, taken_back as "takenBack", carried_out as "carriedOut", other_until as "otherUntil"
from look`;

/**
 * Reserves the decision for this delivery if its version is the newest known one (or Cloudinary is asked), there is no later opposite decision, all
 * notifications about it were taken into account, no other delivery holds it and the cap permits it. Must be the last statement
 * before the call to Cloudinary. Throws `LeaseLost` when this worker no longer has the delivery.
 */
export async function reserve(db: Db, wanted: Reserve): Promise<Reservation> {
  const { target, row } = wanted;
  for (let looks = 0; looks < maxChecks; looks += 1) {
    const { rows } = await db.query<Look>(reserveStatement, [
      ...keyOf(target, row),
      wanted.action,
      wanted.deliveryId,
      wanted.leaseMs,
      wanted.maxDeletionsPerHour,
      target.assetId,
      target.publicId,
      target.resourceType,
      target.type,
      wanted.claimNumber,
      wanted.read,
      target.cloud,
      wanted.isAsked,
    ]);
    const [look] = rows;
    if (!look) throw new Error("the ledger gave no answer");
    if (look.reserved) return { kind: "reserved" };
    if (!look.mine) throw new LeaseLost(`delivery ${wanted.deliveryId} has been claimed by another worker`);
    if (look.takenBack) return { kind: "taken-back" };
    if (look.carriedOut) return { kind: "carried-out" };
    if (!wanted.isAsked && (look.newest > target.version || look.nameTaken)) return { kind: "replaced" };
    if (look.overruled) return { kind: "overruled" };
    if (look.unread) return { kind: "unread" };
    if (look.otherUntil) return { kind: "busy", until: look.otherUntil };
    if (wanted.action === "delete" && look.deletions >= wanted.maxDeletionsPerHour)
      return { kind: "cap-reached" };
    // Another delivery started a deletion between the check and the reservation: repeat the check.
  }
  throw new Error("the ledger changed concurrently during every check");
}

/** Far above the number of concurrent deliveries. */
const maxChecks = 100;
