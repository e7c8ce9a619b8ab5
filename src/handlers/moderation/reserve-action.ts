import type { Db } from "../../lib/database/pool.ts";
import type { LedgerRow } from "./combine-decisions.ts";
import { type Judged, keyOf, newestVersion } from "./ledger.ts";

/** What stands in the way of carrying a decision out, or nothing. */
export type Reservation =
  | { kind: "reserved" }
  | { kind: "replaced" }
  | { kind: "cap-reached" }
  | { kind: "overruled" }
  | { kind: "carried-out" }
  | { kind: "busy"; until: Date };

export interface Reserve {
  judged: Judged;
  row: LedgerRow;
  action: "publish" | "delete" | "review";
  deliveryId: string;
  /** How long another delivery leaves it to this one. */
  leaseMs: number;
  maxDeletionsPerHour: number;
}

interface Look {
  newest: number;
  nameTaken: boolean;
  overruled: boolean;
  deletions: number;
  reserved: boolean;
  carriedOut: boolean;
  otherUntil: Date | null;
}

// One statement, right before the call to Cloudinary, which knows no conditional delete: it looks at the newest version, the name, later
// decisions and the cap, and reserves. The rows of a version are locked first, so that of two deliveries one sees what the other wrote.
// An upload that says it is of another resource or delivery type is another name.
const reserveStatement = `
with locked as (
  select * from moderation_decision where asset_id = $1 and version = $2::bigint order by kind, status, decided_at for update
), turned as (
  select coalesce(max(decided_at), '-infinity') as at from locked
  where status in ('approved', 'rejected') and status <> $4 and decided_at < $5::timestamptz
), look as (
  select ${newestVersion("$1", "$10")} as newest,
         exists (select from notifications n
                 where n.type = 'upload' and n.public_id = $11 and n.asset_id is distinct from $10 and n.version > $2::bigint
                   and (position(convert_to('"resource_type":"' || $12 || '"', 'UTF8') in n.body) > 0
                        or position('"resource_type":"'::bytea in n.body) = 0)
                   and (position(convert_to('"type":"' || $13 || '"', 'UTF8') in n.body) > 0
                        or position('"type":"'::bytea in n.body) = 0)) as name_taken,
         exists (select from locked
                 where status in ('approved', 'rejected') and status <> $4 and decided_at > $5::timestamptz
                   and (kind in ($3, 'summary') or $4 = 'approved')) as overruled,
         exists (select from locked, turned where status = $4 and carried_out_at is not null and decided_at > turned.at) as carried_out,
         (select max(carrying_until) from locked
          where status = $4 and carried_out_at is null and carrying_until > now() and delivery_id <> $7::uuid) as other_until,
         (select count(*) from moderation_decision o
          where o.action = 'delete' and (o.carried_out_at > now() - interval '1 hour' or o.carried_out_at is null and o.carrying_until > now())
            and (o.asset_id, o.version) <> ($1, $2::bigint)) as deletions,
         (select begun from moderation_gate) as begun
), clear as (
  select begun, deletions from look
  where coalesce(newest <= $2::bigint, true) and not name_taken and not overruled and not carried_out and other_until is null
), gate as (
  update moderation_gate g set begun = g.begun + 1
  from clear where $6 = 'delete' and g.begun = clear.begun and clear.deletions < $9::bigint
  returning 1
), reserved as (
  update moderation_decision d set action = $6, delivery_id = $7::uuid, carrying_until = now() + $8::bigint * interval '1 ms'
  from clear
  where d.asset_id = $1 and d.version = $2::bigint and d.kind = $3 and d.status = $4 and d.decided_at = $5::timestamptz
    and ($6 <> 'delete' or exists (select from gate))
  returning 1
)
select newest::float8 as newest, name_taken as "nameTaken", overruled, deletions::int as deletions,
       exists (select from reserved) as reserved, carried_out as "carriedOut", other_until as "otherUntil"
from look`;

/**
 * Takes the decision for this delivery, if the judged version is still the newest known one, no later decision stands against it,
 * nobody else is at it and the cap leaves room. Must be the last statement before the call to Cloudinary.
 */
export async function reserve(db: Db, wanted: Reserve): Promise<Reservation> {
  const { judged, row } = wanted;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const { rows } = await db.query<Look>(reserveStatement, [
      ...keyOf(judged, row),
      wanted.action,
      wanted.deliveryId,
      wanted.leaseMs,
      wanted.maxDeletionsPerHour,
      judged.assetId,
      judged.publicId,
      judged.resourceType,
      judged.type,
    ]);
    const [look] = rows;
    if (!look) throw new Error("the ledger gave no answer");
    if (look.reserved) return { kind: "reserved" };
    if (look.carriedOut) return { kind: "carried-out" };
    if (look.newest > judged.version || look.nameTaken) return { kind: "replaced" };
    if (look.overruled) return { kind: "overruled" };
    if (look.otherUntil) return { kind: "busy", until: look.otherUntil };
    if (wanted.action === "delete" && look.deletions >= wanted.maxDeletionsPerHour)
      return { kind: "cap-reached" };
    // Another delivery began a deletion between the look and the reservation: look again.
  }
  throw new Error("the ledger was changed by others at each look");
}

/** Far more than deliveries run side by side. */
const mostLooks = 100;
