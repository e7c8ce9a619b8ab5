import type { Db } from "../database/pool.ts";
import { prepared } from "../database/prepared.ts";
import type { Envelope } from "./envelope.ts";

export interface Arrival {
  envelope: Envelope;
  body: Uint8Array;
  headers: Readonly<Record<string, string>>;
  /** `public`: received on the hook for uploads by visitors. If any arrival is public, the record says so, even if the first was not. */
  source: "webhook" | "reconcile" | "public" | "poll";
  /** The cloud of the signature; null if unknown. */
  cloud: string | null;
  signedAt: Date | null;
  secretName: string | null;
  algorithm: string | null;
  /** The path that received it, if that path expects other types. */
  unexpectedFor: string | null;
  /** One delivery is planned for each, due immediately. */
  handlers: readonly string[];
  /** Planned again when a recorded notification that was not public arrives on the public hook. */
  handlersOncePublic: readonly string[];
  /** The number of unreadable bodies that are stored completely within 24 hours; absent: no limit. */
  maxUnreadablePerDay?: number;
}

export interface Recorded {
  id: string;
  timesSeen: number;
  /** Only the beginning of the body was stored. */
  cut: boolean;
}

// The deliveries of a `.fifo` handler about one asset run in order of receipt; of several assets, the first one counts.
const orderedBy = (assets: string | null) =>
  `case when h.handler like '%.fifo' then ${assets === null ? "$4" : `coalesce($4, ${assets}::jsonb->0->>'asset_id')`} end`;

// One statement, so that a notification is never stored without its deliveries, even after a crash.
// `times_seen = 1` is true for exactly one of several concurrent arrivals.
// Most bodies name one asset, and planning a clause that inserts nothing takes a tenth of the answer time (npm run bench).
// Each case therefore has its own statement, and only a public arrival reads the earlier record.
function statement({
  kind,
  isPublic,
}: {
  kind: "one" | "several" | "many" | "unreadable";
  isPublic: boolean;
}): string {
  const last = isPublic ? "$19" : "$18";
  const subject = orderedBy(kind === "several" ? last : null);
  return `
with ${isPublic ? "before as (select by_public_hook from notifications where identity = $1), " : ""}noted as (
  insert into notifications as n (identity, body_sha256, type, asset_id, public_id, version, request_id, source,
                                  unexpected_for, signed_at, body, headers, secret_name, algorithm, cloud, by_public_hook, asset_prefix)
  values ($1, $2, $3, $4, $5, $6::bigint, $7, $8, $9, $10::timestamptz, ${kind === "unreadable" ? cutBody(last) : "$11::bytea"}, $12::jsonb, $13, $14, $15, ${isPublic}, $17)
  on conflict (identity) do update set times_seen = n.times_seen + 1, last_seen_at = now()${isPublic ? ", by_public_hook = true" : ""}
  returning id, times_seen${kind === "unreadable" ? ", octet_length(body) < octet_length($11::bytea) as cut" : ""}
), planned as (
  insert into deliveries (notification_id, handler, subject)
  select noted.id, h.handler, ${subject} from noted, unnest($16::text[]) as h (handler)
  where times_seen = 1${isPublic ? oncePublic(subject) : ""}
)${kind === "several" ? namedAssets(last) : kind === "many" ? unlisted : ""}
select id, times_seen as "timesSeen", ${kind === "unreadable" ? "cut" : "false as cut"} from noted`;
}

// A concurrent arrival is not visible in `before`; in that case the handlers run once more than necessary.
const oncePublic = (subject: string) => `
  union all
  select noted.id, h.handler, ${subject} from noted, unnest($18::text[]) as h (handler)
  where times_seen > 1 and not exists (select from before where by_public_hook)`;

const namedAssets = (assets: string) => `, named as (
  insert into notification_asset (notification_id, asset_id, public_id, version)
  select noted.id, asset.asset_id, asset.public_id, asset.version
  from noted, jsonb_to_recordset(${assets}::jsonb) as asset (asset_id text, public_id text, version bigint)
  where noted.times_seen = 1
)`;

// A row for each asset with its indexes takes 50 µs and more, which the sender would wait for. A worker writes them (list-assets.ts).
const unlisted = `, named as (
  insert into unlisted_notifications (notification_id) select id from noted where times_seen = 1
)`;

/** Bodies that name more assets are marked, and a worker lists their assets. */
const maxAtOnce = 1_000;

// Prevents anyone who can sign from filling the database with unreadable bodies. Nothing is rejected: every signed body is recorded,
// but above the limit only its beginning, SHA-256 and length.
const cutBody = (max: string) => `
    case when (select count(*) from (
      select from notifications where type = 'unreadable' and received_at > now() - interval '1 day' limit ${max}::int) recent) < ${max}::int
    then $11::bytea else substring($11::bytea for 1024) end`;

const statements = {
  // These only insert, so there is nothing for a plan to choose.
  webhook: {
    one: prepared(statement({ kind: "one", isPublic: false })),
    several: prepared(statement({ kind: "several", isPublic: false })),
    many: prepared(statement({ kind: "many", isPublic: false })),
    unreadable: statement({ kind: "unreadable", isPublic: false }),
  },
  public: {
    one: statement({ kind: "one", isPublic: true }),
    several: statement({ kind: "several", isPublic: true }),
    many: statement({ kind: "many", isPublic: true }),
    unreadable: statement({ kind: "unreadable", isPublic: true }),
  },
};

/** Records a notification with its planned deliveries, or increments `times_seen` of the existing record. */
export async function record(db: Db, arrival: Arrival): Promise<Recorded> {
  const { envelope } = arrival;
  const isPublic = arrival.source === "public";
  const { length } = envelope.assets;
  const several = length > 0 && length <= maxAtOnce;
  const cap = envelope.type === "unreadable" ? (arrival.maxUnreadablePerDay ?? null) : null;
  const kind = cap !== null ? "unreadable" : several ? "several" : length > 0 ? "many" : "one";
  const { rows } = await db.query<Recorded>(statements[isPublic ? "public" : "webhook"][kind], [
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
    arrival.cloud,
    arrival.handlers,
    envelope.assetPrefix,
    ...(isPublic ? [arrival.handlersOncePublic] : []),
    ...(several ? [JSON.stringify(envelope.assets)] : []),
    ...(cap === null ? [] : [cap]),
  ]);
  const [recorded] = rows;
  if (!recorded) throw new Error("the database accepted the notification but returned no row");
  return recorded;
}
