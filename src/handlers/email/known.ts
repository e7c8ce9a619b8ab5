import type { Db } from "../../lib/database/pool.ts";
import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import type { CloudinaryNotification } from "../../lib/notifications/notification.ts";
import { parse } from "../../lib/notifications/parse.ts";
import { ceiling } from "../../lib/shared/ceiling.ts";
import type { Settings } from "../../settings.types.ts";

/** What the receiver knows about the asset of a notification beyond its body: names that people use, and the outcome of its decision. */
export interface Known {
  /** Of the products that the asset is on. */
  skus: string[];
  displayName: string | null;
  /** Of the uploaded file, without extension. */
  filename: string | null;
  decision: KnownDecision | null;
  /** The names of those who were recognised in this version of the picture; empty unless `faces.inMails` is set. */
  people: string[];
}

/** What moderation has done, or is about to do. */
export interface KnownDecision {
  action: string;
  carriedOutAt: Date | null;
}

export const nothingKnown: Known = {
  skus: [],
  displayName: null,
  filename: null,
  decision: null,
  people: [],
};

/** Larger bodies are not read for a name. */
const maxBodyBytes = 1_000_000;

const statement = `
select coalesce((select array_agg(sku order by sku) from (select distinct sku from pim_asset_sku where asset_id = $1 limit 5) s), '{}') as skus,
       u.body, u."heardAt", d.action, d.carried_out_at as "carriedOutAt",
       array(select distinct p.name from face_pictures f, jsonb_array_elements(f.faces) as s (face) join face_people p on p.id::text = face->>'person'
             where $4::boolean and f.asset_id = $1 and f.version = coalesce($2::bigint, f.version) order by p.name) as people
from (values (true)) always
left join lateral (
  select case when octet_length(body) <= ${maxBodyBytes} then body end as body, coalesce(signed_at, received_at) as "heardAt"
  from notifications where asset_id = $1 and type = 'upload' and erased_at is null order by version desc nulls last, received_at desc limit 1) u on true
left join lateral (
  select action, carried_out_at from moderation_decision
  where asset_id = $1 and version = $2::bigint and status = $3 and taken_back_at is null
  order by carried_out_at is null, decided_at desc limit 1) d on true`;

interface Row {
  skus: string[];
  body: Uint8Array | null;
  heardAt: Date | null;
  action: string | null;
  carriedOutAt: Date | null;
  people: string[];
}

/** One statement. A notification about several assets, or about none, has no names. */
export async function readKnown(db: Db, content: CloudinaryNotification, settings: Settings): Promise<Known> {
  const [asset, ...others] = content.assets;
  if (asset?.asset_id === undefined || others.length > 0) return nothingKnown;
  const status = "decisions" in content ? (content.decisions.at(-1)?.status ?? null) : null;
  const { rows } = await db.query<Row>(statement, [
    asset.asset_id,
    asset.version ?? null,
    status,
    settings.faces.inMails,
  ]);
  const [row] = rows;
  if (!row) return nothingKnown;
  const upload = row.body && row.heardAt ? parse(row.body, ceiling(row.heardAt, settings)) : null;
  const uploaded = upload?.ok && upload.notification.type === "upload" ? upload.notification : null;
  return {
    skus: row.skus,
    displayName: uploaded?.assets[0]?.display_name ?? null,
    filename: uploaded?.body.original_filename ?? null,
    decision: row.action === null ? null : { action: row.action, carriedOutAt: row.carriedOutAt },
    people: row.people,
  };
}

/** A mail does not wait longer for the names. */
const maxWaitMs = 5 * 60_000;
/** Longer than a worker looks for more work: recognition is started when it has found none. */
const pauseMs = 5_000;

const beingRecognised = `
select from notifications n join deliveries d on d.notification_id = n.id
where n.asset_id = $1 and d.handler in ('faces', 'faces:rekognition') and d.state in ('due', 'running') limit 1`;

/** When to look again for the people in the picture; null if there is nothing to wait for. */
export async function namesExpectedAt(
  db: Db,
  { content, receivedAt }: Pick<RecordedNotification, "content" | "receivedAt">,
  { faces }: Pick<Settings, "faces">,
): Promise<Date | null> {
  const [asset, ...others] = content.assets;
  if (!faces.inMails || asset?.asset_id === undefined || others.length > 0) return null;
  if (Date.now() - receivedAt.getTime() > maxWaitMs) return null;
  const { rows } = await db.query(beingRecognised, [asset.asset_id]);
  return rows.length > 0 ? new Date(Date.now() + pauseMs) : null;
}
