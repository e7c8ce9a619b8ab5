import { isOfItsCloud } from "../../../handlers/moderation/ledger.ts";
import { markAnswered } from "../../../handlers/moderation/mark-answered.ts";
import { isRecentDeletion } from "../../../handlers/moderation/reserve-action.ts";
import type { Db } from "../../../lib/database/pool.ts";
import type { BoardFacts, DeletionCap } from "../../shared/moderation.ts";
import { maxBodyBytes, thumbnailOf } from "../thumbnail.ts";
import { type BoardRow, type FactContext, factsOf } from "./board-facts.ts";

/** A decision, or a held delivery, as recorded. */
interface RecordedCard {
  assetId: string;
  version: number;
  kind: string;
  status: string;
  decidedAt: Date;
  /** The chosen action; `none` before. */
  action: string;
  method: string | null;
  carriedOutAt: Date | null;
  publicId: string | null;
  /** The product environment of the notification that shows it; null if unknown. */
  cloud: string | null;
  notificationId: string | null;
  /** The held delivery, and why it is held. */
  deliveryId: string | null;
  heldFor: string | null;
  /** With `not-confirmed`: what both sides say, and the secret that signed the notification. */
  result: unknown;
  secretName: string | null;
}

/** The data for the facts of the card; not sent. */
interface Grounds {
  body: Uint8Array | null;
  rows: BoardRow[];
  backgroundRemoved: boolean;
  accessChanged: boolean;
}

export type Card = RecordedCard & BoardFacts & { thumbnail: string | null };

const columns = `d.asset_id as "assetId", d.version::float8 as version, d.kind, d.status, d.decided_at as "decidedAt", d.action, d.method,
  d.carried_out_at as "carriedOutAt", n.public_id as "publicId", n.cloud, n.id as "notificationId"`;

/** All decisions on a version, in the form that the rules need. offset 0: one look into the index for each card, where a hash would read the table. */
const grounds = (assetId: string, version: string, cloud: string) => `
  coalesce((
    select jsonb_agg(jsonb_build_object(
      'kind', l.kind, 'status', l.status, 'decidedAt', (extract(epoch from l.decided_at) * 1000)::float8, 'action', l.action,
      'deliveryId', l.delivery_id, 'begunAt', l.begun_at, 'carryingUntil', (extract(epoch from l.carrying_until) * 1000)::float8,
      'carriedOutAt', (extract(epoch from l.carried_out_at) * 1000)::float8, 'isTakenBack', l.taken_back_at is not null,
      'unconfirmed', l.unconfirmed_at is not null, 'confirmed', l.confirmed_by is not null))
    from moderation_decision l where l.asset_id = ${assetId} and l.version = ${version}), '[]') as rows,
  exists (
    select from moderation_decision l
    where l.asset_id = ${assetId} and l.version = ${version} and l.kind = 'cloudinary_ai' and l.status = 'complete' offset 0) as "backgroundRemoved",
  exists (
    select from notifications a where a.asset_id = ${assetId} and a.type = 'access_control_changed'
      and ${isOfItsCloud(cloud, "a")} offset 0) as "accessChanged"`;

// The notifications about this version; its upload first, because it contains the picture.
const about = (cloud: string) => `
left join lateral (
  select n.id, n.public_id, n.cloud, case when octet_length(n.body) <= ${maxBodyBytes} then n.body end as body
  from notifications n where n.asset_id = d.asset_id and n.version = d.version and ${isOfItsCloud(cloud)}
  order by n.type = 'upload' desc, n.received_at desc limit 1) n on true`;

/** By the public id, or by the asset folder in the body. */
const inFolder = `($2::text is null or starts_with(n.public_id, $2::text || '/')
  or position(convert_to($3, 'UTF8') in n.body) > 0 or position(convert_to($4, 'UTF8') in n.body) > 0)`;

const ofEnvironment = "($7::text is null or n.cloud = $7::text)";

const ofKind = (kind: string) => `($6::text is null or ${kind} = $6::text)`;

type Order = "oldest" | "newest";
const direction = { oldest: "asc", newest: "desc" } as const;

const pending = (order: Order) => `
select ${columns}, null as "deliveryId", null as "heldFor", null as result, null as "secretName", n.body, ${grounds("d.asset_id", "d.version", "$5")}
from moderation_decision d ${about("$5")}
where d.status = 'pending' and not d.answered and ${inFolder} and ${ofKind("d.kind")} and ${ofEnvironment}
order by d.noted_at ${direction[order]}, d.asset_id limit $1::int`;

/** Decisions that are looked at for those of a folder or an environment, which the notifications name. */
const maxDecided = 1_000;

const decided = (order: Order) => `
select ${columns}, null as "deliveryId", null as "heldFor", null as result, null as "secretName", n.body, ${grounds("d.asset_id", "d.version", "$5")}
from (
  select * from moderation_decision d
  where d.status in ('approved', 'rejected', 'aborted', 'overridden') and d.taken_back_at is null and ${ofKind("d.kind")}
  order by d.noted_at ${direction[order]}, d.asset_id limit case when $2::text is null and $7::text is null then $1::int else greatest($1::int, ${maxDecided}) end) d ${about("$5")}
where ${inFolder} and ${ofEnvironment}
order by d.noted_at ${direction[order]}, d.asset_id limit $1::int`;

// A pending status is not a decision, regardless of its time.
/** `cloud`: the placeholder for the cloud name. */
const heldWhere = (condition: string, cloud: string, states = "v.state = 'held'") => `
select coalesce(n.asset_id, '') as "assetId", coalesce(n.version, 0)::float8 as version, coalesce(d.kind, 'moderation') as kind,
       coalesce(d.status, 'unknown') as status, coalesce(d.decided_at, n.received_at) as "decidedAt",
       coalesce(d.action, 'hold') as action, d.method, d.carried_out_at as "carriedOutAt", n.public_id as "publicId",
       n.cloud, n.id as "notificationId", v.id as "deliveryId", v.last_error as "heldFor",
       case when v.last_error = 'not-confirmed' then v.result end as result, n.secret_name as "secretName", u.body,
       v.state = 'dead' as "isDead", position('"rejected"'::bytea in n.body) > 0 as "saysRejected",
       exists (select from operator_acts a where a.delivery_id = v.id and a.act = 'release') as "wasReleased", ${grounds("n.asset_id", "n.version", cloud)}
from deliveries v join notifications n on n.id = v.notification_id
left join lateral (
  select * from moderation_decision d where d.asset_id = n.asset_id and d.version = n.version and d.taken_back_at is null
  order by d.status in ('pending', 'queued'), d.decided_at desc limit 1) d on true
left join lateral (
  select case when octet_length(u.body) <= ${maxBodyBytes} then u.body end as body from notifications u
  where u.id = n.id or u.asset_id = n.asset_id and u.version = n.version and ${isOfItsCloud(cloud, "u")}
  order by u.type = 'upload' desc, u.received_at desc limit 1) u on true
where ${states} and v.handler = 'moderation' and ${condition}`;

const held = (order: Order) =>
  `${heldWhere(`${inFolder} and ${ofKind("coalesce(d.kind, 'moderation')")} and ${ofEnvironment}`, "$5")} order by v.settled_at ${direction[order]}, v.id limit $1::int`;

const statements = { pending, decided, held };

export interface Listed {
  show: keyof typeof statements;
  order: Order;
  folder: string | null;
  /** The kind of moderation, such as `manual`; null: any. */
  kind: string | null;
  /** Of this product environment; null: any. */
  cloud: string | null;
  limit: number;
}

// The card that the operator decides about, from any list.
const single = `
select ${columns}, null as "deliveryId", null as "heldFor", null as result, null as "secretName", n.body, ${grounds("d.asset_id", "d.version", "$3")}
from moderation_decision d ${about("$3")}
where d.asset_id = $1 and d.version = $2::bigint and d.taken_back_at is null
order by d.status = 'pending' desc, d.decided_at desc limit 1`;

/** The cards of these held or dead deliveries, in no order. */
export async function heldCards(
  db: Db,
  deliveryIds: readonly string[],
  context: FactContext,
): Promise<(BoardFacts & { deliveryId: string | null })[]> {
  const { rows } = await db.query<RecordedCard & Grounds>(
    heldWhere("v.id = any ($1::uuid[])", "$2", "v.state in ('held', 'dead')"),
    [deliveryIds, context.cloudName],
  );
  return rows.map((row) => ({ ...factsOf(row, context), deliveryId: row.deliveryId }));
}

/** null if nothing is known about this version. */
export async function cardOf(
  db: Db,
  { assetId, version }: { assetId: string; version: number },
  context: FactContext,
): Promise<BoardFacts | null> {
  const { rows } = await db.query<RecordedCard & Grounds>(single, [assetId, version, context.cloudName]);
  return rows[0] ? factsOf(rows[0], context) : null;
}

/** The cards of the board, each with the effects of its actions. */
export async function cardsOf(
  db: Db,
  { show, order, folder, kind, cloud, limit }: Listed,
  context: FactContext,
): Promise<Card[]> {
  if (show === "pending") await markAnswered(db, context.cloudName);
  const named = JSON.stringify(folder ?? "").slice(1, -1);
  const { rows } = await db.query<RecordedCard & Grounds>(statements[show](order), [
    limit,
    folder,
    `"asset_folder":"${named}"`,
    `"asset_folder":"${named}/`,
    context.cloudName,
    kind,
    cloud,
  ]);
  return rows.map(({ body, rows: ledger, backgroundRemoved, accessChanged, ...card }) => {
    const facts = factsOf({ ...card, body, rows: ledger, backgroundRemoved, accessChanged }, context);
    // The URL of a restricted picture would only return an error.
    return { ...card, ...facts, thumbnail: body && !facts.restricted ? thumbnailOf(body) : null };
  });
}

/** The deletions left in this hour (`maxDeletionsPerHour`), counted in the same way as by the handler. */
export async function deletionCap(db: Db, max: number): Promise<DeletionCap> {
  const { rows } = await db.query<{ used: number }>(
    `select count(*)::int as used from moderation_decision where ${isRecentDeletion}`,
  );
  return { left: Math.max(0, max - (rows[0]?.used ?? 0)), max };
}
