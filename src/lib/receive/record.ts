import type { Db } from "../database/pool.ts";
import type { Envelope } from "./envelope.ts";

export interface Arrival {
  envelope: Envelope;
  body: Uint8Array;
  headers: Readonly<Record<string, string>>;
  /** `public`: by the hook for uploads by visitors. Whatever came first, the record keeps that one arrival was public. */
  source: "webhook" | "reconcile" | "public" | "poll";
  /** Which cloud the signature vouches for; null: not known. */
  cloud: string | null;
  signedAt: Date | null;
  secretName: string | null;
  algorithm: string | null;
  /** The path it came by, when that path is meant for other types. */
  unexpectedFor: string | null;
  /** A delivery is planned for each, due at once. */
  handlers: readonly string[];
  /** Planned once more by a public arrival of what is recorded and was not known to be public. */
  handlersOncePublic: readonly string[];
  /** How many unreadable bodies are kept whole within 24 hours; absent: all. */
  maxUnreadablePerDay?: number;
}

export interface Recorded {
  id: string;
  timesSeen: number;
  /** Only the beginning of the body was kept. */
  cut: boolean;
}

// One statement, so that a notification never stands without its deliveries, whatever dies in between.
// `times_seen = 1` holds for exactly one of any number of concurrent arrivals.
// Most bodies name one asset, and a part that inserts nothing still has to be planned: a tenth of the answer time (npm run bench).
// So there is a statement for each case, and only a public arrival looks at what was recorded before.
function statement({
  kind,
  isPublic,
}: {
  kind: "one" | "several" | "unreadable";
  isPublic: boolean;
}): string {
  const last = isPublic ? "$18" : "$17";
  return `
with ${isPublic ? "before as (select by_public_hook from notifications where identity = $1), " : ""}noted as (
  insert into notifications as n (identity, body_sha256, type, asset_id, public_id, version, request_id, source,
                                  unexpected_for, signed_at, body, headers, secret_name, algorithm, cloud, by_public_hook)
  values ($1, $2, $3, $4, $5, $6::bigint, $7, $8, $9, $10::timestamptz, ${kind === "unreadable" ? cutBody(last) : "$11::bytea"}, $12::jsonb, $13, $14, $15, ${isPublic})
  on conflict (identity) do update set times_seen = n.times_seen + 1, last_seen_at = now()${isPublic ? ", by_public_hook = true" : ""}
  returning id, times_seen${kind === "unreadable" ? ", octet_length(body) < octet_length($11::bytea) as cut" : ""}
), planned as (
  insert into deliveries (notification_id, handler)
  select id, unnest($16::text[]) from noted where times_seen = 1${isPublic ? oncePublic : ""}
)${kind === "several" ? namedAssets(last) : ""}
select id, times_seen as "timesSeen", ${kind === "unreadable" ? "cut" : "false as cut"} from noted`;
}

// An arrival that is on its way beside this one is not seen in \`before\`; then the handlers run once more than they had to.
const oncePublic = `
  union all
  select id, unnest($17::text[]) from noted
  where times_seen > 1 and not exists (select from before where by_public_hook)`;

const namedAssets = (assets: string) => `, named as (
  insert into notification_asset (notification_id, asset_id, public_id, version)
  select noted.id, asset.asset_id, asset.public_id, asset.version
  from noted, jsonb_to_recordset(${assets}::jsonb) as asset (asset_id text, public_id text, version bigint)
  where noted.times_seen = 1
)`;

// Whoever can sign anything could otherwise fill the database with what nobody can read. Nothing is refused: a signed body is
// recorded, and of those over the cap the beginning, the SHA-256 and the length remain.
const cutBody = (max: string) => `
    case when (select count(*) from (
      select from notifications where type = 'unreadable' and received_at > now() - interval '1 day' limit ${max}::int) recent) < ${max}::int
    then $11::bytea else substring($11::bytea for 1024) end`;

const statements = {
  webhook: {
    one: statement({ kind: "one", isPublic: false }),
    several: statement({ kind: "several", isPublic: false }),
    unreadable: statement({ kind: "unreadable", isPublic: false }),
  },
  public: {
    one: statement({ kind: "one", isPublic: true }),
    several: statement({ kind: "several", isPublic: true }),
    unreadable: statement({ kind: "unreadable", isPublic: true }),
  },
};

/** Records a notification with its planned deliveries, or raises `times_seen` of the one that stands there already. */
export async function record(db: Db, arrival: Arrival): Promise<Recorded> {
  const { envelope } = arrival;
  const isPublic = arrival.source === "public";
  const several = envelope.assets.length > 0;
  const cap = envelope.type === "unreadable" ? (arrival.maxUnreadablePerDay ?? null) : null;
  const kind = cap !== null ? "unreadable" : several ? "several" : "one";
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
    ...(isPublic ? [arrival.handlersOncePublic] : []),
    ...(several ? [JSON.stringify(envelope.assets)] : []),
    ...(cap === null ? [] : [cap]),
  ]);
  const [recorded] = rows;
  if (!recorded) throw new Error("the database took the notification and returned no row");
  return recorded;
}
