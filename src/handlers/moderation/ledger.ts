import type { ResourceType } from "../../lib/cloudinary/api.ts";
import { jsonb } from "../../lib/database/jsonb.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { HandlerContext } from "../../lib/deliveries/handler.ts";
import { backgroundRemovalKind, type LedgerRow } from "./combine-decisions.ts";

/** The asset version that a notification is about, with its decisions. */
export interface DecisionTarget {
  /** The asset id; for old bodies `resource_type/type/public_id`. */
  identity: string;
  /** The cloud of the notification's signature: only records of that cloud count. null if unknown. */
  cloud: string | null;
  /** null for old bodies, which cannot be matched with other notifications. */
  assetId: string | null;
  version: number;
  publicId: string;
  resourceType: ResourceType;
  type: string;
  /** Its delivery URL, if the notification has one. */
  urls: readonly string[];
  decisions: readonly DatedDecision[];
}

export interface DatedDecision {
  kind: string;
  status: string;
  decidedAt: number;
}

/** The recorded data about an asset. */
export interface Known {
  /** All effective decisions on this version, including those of this notification. */
  rows: LedgerRow[];
  /** Decisions on this version that a moderator took back. */
  takenBack: LedgerRow[];
  /** The receiver deleted this version of the asset, or a newer one. An asset that is restored from a backup keeps its id. */
  deleted: boolean;
  /** The background of this version was removed, so the receiver requested the moderation. */
  backgroundRemoved: boolean;
  /** The newest known version. */
  newest: number;
  /** The recorded notifications about this version that can contain decisions, oldest first, whether or not their deliveries have run. */
  recorded: Recorded[];
  /** Its access control was changed after the upload. */
  accessChanged: boolean;
  /** An operator released this delivery after it was held. */
  released: boolean;
}

export interface Recorded {
  id: string;
  body: Uint8Array;
  heardAt: Date;
  /** It came by the hook for visitors' uploads, which supplies no facts. */
  isPublic: boolean;
}

/** SQL: the newest notifications that can contain decisions on a version. Read when decisions are combined, and again right before the call. */
export function recordedAbout(
  { assetId, version, cloud }: { assetId: string; version: string; cloud: string },
  columns: string,
): string {
  return `select ${columns} from notifications n
  where asset_id = ${assetId} and version = ${version} and ${isOfCloud(cloud)} and type in ('upload', 'moderation', 'moderation_summary')
  order by received_at desc limit 100`;
}

/** SQL on `notifications`: excludes notifications signed with another cloud's secret. */
export function isOfCloud(cloud: string, notifications = "n"): string {
  return `(${cloud}::text is null or ${notifications}.cloud is null or ${notifications}.cloud = ${cloud}::text)`;
}

/** The same for notifications that are joined by asset id, whose prefix is that of the cloud; `cloud` is the first one. */
export function isOfItsCloud(firstCloud: string, notifications = "n"): string {
  return `(${isOfCloud(firstCloud, notifications)} or ${notifications}.asset_prefix <> '')`;
}

const recordStatement = `
with noted as (
  insert into moderation_decision (asset_id, version, kind, status, decided_at, action)
  select $1, $2::bigint, d.kind, d.status, d.decided_at, 'none'
  from jsonb_to_recordset($3::jsonb) as d (kind text, status text, decided_at timestamptz)
  on conflict do nothing
), rows as (
  select kind, status, version, (extract(epoch from decided_at) * 1000)::float8 as "decidedAt", action, delivery_id as "deliveryId",
         (extract(epoch from carrying_until) * 1000)::float8 as "carryingUntil", begun_at as "begunAt",
         (extract(epoch from carried_out_at) * 1000)::float8 as "carriedOutAt", taken_back_at is not null as "isTakenBack",
         unconfirmed_at is not null as unconfirmed, confirmed_by is not null as confirmed
  from moderation_decision where asset_id = $1
), about as (
  ${recordedAbout({ assetId: "$4", version: "$2::bigint", cloud: "$6" }, "id, body, by_public_hook, coalesce(signed_at, received_at) as heard_at")}
)
select coalesce((select jsonb_agg(to_jsonb(r)) from rows r where r.version = $2::bigint), '[]') as rows,
       exists (select from rows where action = 'delete' and "carriedOutAt" is not null and version >= $2::bigint) as deleted,
       exists (select from rows where kind = 'cloudinary_ai' and status = 'complete' and version = $2::bigint) as "backgroundRemoved",
       greatest(${newestVersion({ identity: "$1", assetId: "$4", cloud: "$6" })}, $2::bigint)::float8 as newest,
       array (select id::text from about order by heard_at, id) as ids,
       array (select body from about order by heard_at, id) as bodies,
       array (select heard_at from about order by heard_at, id) as "heardAt",
       array (select by_public_hook from about order by heard_at, id) as "byPublicHook",
       exists (select from notifications n where asset_id = $4 and type = 'access_control_changed' and ${isOfCloud("$6")}) as "accessChanged",
       exists (select from operator_acts where delivery_id = $5::uuid and act = 'release') as released`;

/** Records the decisions and reads the data about the asset, in one statement. */
export async function recordDecisions(db: Db, target: DecisionTarget, deliveryId: string): Promise<Known> {
  const decisions = target.decisions.map(({ kind, status, decidedAt }) => ({
    kind,
    status,
    decided_at: new Date(decidedAt),
  }));
  const { rows } = await db.query<RecordedRow>(recordStatement, [
    target.identity,
    target.version,
    jsonb(decisions),
    target.assetId,
    deliveryId,
    target.cloud,
  ]);
  const [row] = rows;
  if (!row) throw new Error("the ledger returned no row");
  const { ids, bodies, heardAt, byPublicHook, ...known } = row;
  const recorded = bodies.map((body, at) => ({
    id: ids[at] ?? "",
    body,
    heardAt: heardAt[at] ?? new Date(0),
    isPublic: byPublicHook[at] ?? true,
  }));
  // Rows inserted by this statement are not visible to its own select.
  const fresh = target.decisions.filter((decision) => !known.rows.some((row) => isSame(row, decision)));
  const noted = fresh.map((decision) => ({ ...untouched, ...decision }));
  return {
    ...known,
    recorded,
    rows: [...known.rows.filter(({ isTakenBack }) => !isTakenBack), ...noted],
    takenBack: known.rows.filter(({ isTakenBack }) => isTakenBack),
  };
}

type RecordedRow = Omit<Known, "recorded" | "rows" | "takenBack"> & {
  rows: (LedgerRow & { isTakenBack: boolean })[];
  ids: string[];
  bodies: Uint8Array[];
  heardAt: Date[];
  byPublicHook: boolean[];
};

/** Records that a version awaits a decision, unless already recorded. */
export async function recordPending(db: Db, target: DecisionTarget, kind: string): Promise<void> {
  await db.query(
    `insert into moderation_decision (asset_id, version, kind, status, decided_at, action)
     select $1, $2::bigint, $3, 'pending', now(), 'none'
     where not exists (
       select from moderation_decision where asset_id = $1 and version = $2::bigint and kind = $3 and taken_back_at is null)`,
    [target.identity, target.version, kind],
  );
}

/** A decision without any action. */
export const untouched = {
  action: "none",
  deliveryId: null,
  carryingUntil: null,
  begunAt: null,
  carriedOutAt: null,
  unconfirmed: false,
  confirmed: false,
};

export function isSame(a: DatedDecision, b: DatedDecision): boolean {
  return a.kind === b.kind && a.status === b.status && a.decidedAt === b.decidedAt;
}

/** SQL: the newest known version, since the last reset of the asset by an operator. */
export function newestVersion({
  identity,
  assetId,
  cloud,
}: Record<"identity" | "assetId" | "cloud", string>): string {
  const since = `coalesce((select reset_at from pim_asset where asset_id = ${identity}), '-infinity')`;
  return `greatest(
    (select max(n.version) from notifications n
     where n.asset_id = ${assetId} and n.received_at >= ${since} and ${isOfCloud(cloud)}),
    (select max(a.version) from notification_asset a join notifications n on n.id = a.notification_id
     where a.asset_id = ${assetId} and n.received_at >= ${since} and ${isOfCloud(cloud)}),
    (select max(version) from moderation_decision where asset_id = ${identity} and noted_at >= ${since}))`;
}

/**
 * Records that the decision was carried out, and by which call. `begun` is false when no call of the receiver can have done it; it then
 * does not count toward the deletion cap.
 */
export async function carriedOut(
  db: Db,
  target: DecisionTarget,
  row: LedgerRow,
  done: {
    action: string;
    method: string;
    deliveryId: string;
    begun?: boolean;
    confirmedBy?: "explicit" | "admin" | null;
  },
): Promise<void> {
  await db.query(
    `update moderation_decision
     set action = $6, method = $7, delivery_id = $8::uuid, carried_out_at = now(), carrying_until = null,
         begun_at = case when $9::boolean then begun_at end, confirmed_by = $10, unconfirmed_at = null
     where ${keyCondition}`,
    [
      ...keyOf(target, row),
      done.action,
      done.method,
      done.deliveryId,
      done.begun ?? true,
      done.confirmedBy ?? null,
    ],
  );
}

/**
 * Records an action without carrying it out: `hold`, `would-delete` in a dry run, or `none` to release a reservation.
 * A deletion of an earlier attempt with an unknown outcome stays recorded. Has no effect when another attempt has started.
 */
export async function mark(
  { db, deliveryId, claimNumber }: Pick<HandlerContext, "db" | "deliveryId" | "claimNumber">,
  target: DecisionTarget,
  row: LedgerRow,
  action: string,
  isUnconfirmed = false,
): Promise<void> {
  await db.query(
    `with shown as (
       -- What waited before it waits again.
       update moderation_decision set answered = false
       where $10::boolean and asset_id = $1 and version = $2::bigint and kind = $3 and status = 'pending' and answered
     )
     update moderation_decision
     set action = case when $6 = 'none' and $8::timestamptz is not null then action else $6 end,
         delivery_id = $7::uuid, carrying_until = null, begun_at = $8::timestamptz,
         unconfirmed_at = case when $10::boolean then now() when $6 = 'hold' then null else unconfirmed_at end
     where ${keyCondition} and carried_out_at is null
       and exists (select from deliveries where id = $7::uuid and state = 'running' and attempts = $9::int)`,
    [...keyOf(target, row), action, deliveryId, row.begunAt, claimNumber, isUnconfirmed],
  );
}

/** Records which decisions on the version Cloudinary does not have, by its complete list. They no longer outrank or block others. */
export async function markContradicted(
  db: Db,
  target: DecisionTarget,
  held: readonly { kind: string; status: string }[],
): Promise<void> {
  await db.query(
    `update moderation_decision m set unconfirmed_at = now()
     where m.asset_id = $1 and m.version = $2::bigint and m.unconfirmed_at is null and m.carried_out_at is null and m.kind <> $4
       and not exists (
         select from jsonb_to_recordset($3::jsonb) as g (kind text, status text)
         where g.kind = m.kind and (g.status = m.status or m.status in ('pending', 'queued')))`,
    [target.identity, target.version, jsonb(held), backgroundRemovalKind],
  );
}

const keyCondition =
  "asset_id = $1 and version = $2::bigint and kind = $3 and status = $4 and decided_at = $5::timestamptz";

export function keyOf(target: DecisionTarget, row: DatedDecision) {
  return [target.identity, target.version, row.kind, row.status, new Date(row.decidedAt)] as const;
}
