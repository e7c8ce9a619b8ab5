import type { Db } from "../database/pool.ts";
import type { Envelope } from "./envelope.ts";

export interface Arrival {
  envelope: Envelope;
  body: Uint8Array;
  headers: Readonly<Record<string, string>>;
  source: "webhook" | "reconcile";
  signedAt: Date | null;
  secretName: string | null;
  algorithm: string | null;
  /** The path it came by, when that path is meant for other types. */
  unexpectedFor: string | null;
  /** A delivery is planned for each, due at once. */
  handlers: readonly string[];
}

export interface Recorded {
  id: string;
  timesSeen: number;
}

// One statement, so that a notification never stands without its deliveries, whatever dies in between.
// `times_seen = 1` holds for exactly one of any number of concurrent arrivals.
const recording = (also: string) => `
with noted as (
  insert into notifications as n (identity, body_sha256, type, asset_id, public_id, version, request_id, source,
                                  unexpected_for, signed_at, body, headers, secret_name, algorithm)
  values ($1, $2, $3, $4, $5, $6::bigint, $7, $8, $9, $10::timestamptz, $11::bytea, $12::jsonb, $13, $14)
  on conflict (identity) do update set times_seen = n.times_seen + 1, last_seen_at = now()
  returning id, times_seen
), planned as (
  insert into deliveries (notification_id, handler)
  select id, unnest($15::text[]) from noted where times_seen = 1
)${also}
select id, times_seen as "timesSeen" from noted`;

// Most bodies name one asset, and a part that inserts nothing still has to be planned: a tenth of the answer time (npm run bench).
const recordingOne = recording("");
const recordingSeveral = recording(`, named as (
  insert into notification_asset (notification_id, asset_id, public_id, version)
  select noted.id, asset.asset_id, asset.public_id, asset.version
  from noted, jsonb_to_recordset($16::jsonb) as asset (asset_id text, public_id text, version bigint)
  where noted.times_seen = 1
)`);

/** Records a notification with its planned deliveries, or raises `times_seen` of the one that stands there already. */
export async function record(db: Db, arrival: Arrival): Promise<Recorded> {
  const { envelope } = arrival;
  const several = envelope.assets.length > 0;
  const { rows } = await db.query<Recorded>(several ? recordingSeveral : recordingOne, [
    envelope.identity,
    envelope.bodySha256,
    envelope.type,
    envelope.assetId,
    envelope.publicId,
    envelope.version,
    envelope.requestId,
    arrival.source,
    arrival.unexpectedFor,
    arrival.signedAt,
    arrival.body,
    JSON.stringify(arrival.headers),
    arrival.secretName,
    arrival.algorithm,
    arrival.handlers,
    ...(several ? [JSON.stringify(envelope.assets)] : []),
  ]);
  const [recorded] = rows;
  if (!recorded) throw new Error("the database took the notification and returned no row");
  return recorded;
}
