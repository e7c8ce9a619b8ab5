import type { Db } from "../../lib/database/pool.ts";
import type { Box } from "./rekognition.ts";
import type { IdentifiedAsset } from "./train.ts";
import { addressOf, openUrl } from "./trainings.ts";

/** One face in a picture, and what could be said about it. */
export interface Face {
  box: Box;
  outcome: FaceOutcome;
  /** The id of a person. */
  person: string | null;
  /** In percent. */
  similarity: number | null;
  sharpness: number;
}

export type FaceOutcome =
  /** Not looked up yet. */
  | "pending"
  | "recognised"
  /** Similar enough to nobody. */
  | "unknown"
  | "too-small"
  | "not-sharp"
  /** Beyond `maxFaces`. */
  | "beyond-limit"
  /** It cannot be cut out, because access control allows only the download of the original. */
  | "restricted"
  /** Rekognition found another face, or none, in what was cut out. */
  | "unclear"
  /** The person it was recognised as was forgotten. */
  | "forgotten";

export interface LookedPicture {
  assetId: string;
  version: number;
  state: "pending" | "done" | "unreadable";
  problem: string | null;
  faces: Face[];
  isRerun: boolean;
}

const columns = `
  asset_id as "assetId", version::float8 as version, state, problem, faces, rerun_at is not null as "isRerun"`;

export async function pictureOf(db: Db, assetId: string): Promise<LookedPicture | null> {
  const { rows } = await db.query<LookedPicture>(`select ${columns} from face_pictures where asset_id = $1`, [
    assetId,
  ]);
  return rows[0] ?? null;
}

const beginning = `
insert into face_pictures as p (asset_id, public_id, resource_type, delivery_type, version, secure_url, state, problem, faces, looked_at)
values ($1, $2, $3, $4, $5::bigint, $6, $7, $8, $9::jsonb, now())
on conflict (asset_id) do update set
  public_id = excluded.public_id, delivery_type = excluded.delivery_type, version = excluded.version, secure_url = excluded.secure_url,
  state = excluded.state, problem = excluded.problem, faces = excluded.faces, looked_at = now(),
  rerun_at = case when excluded.state = 'unreadable' then null else p.rerun_at end`;

/** Notes the faces that were found in a picture, or that it cannot be read. */
export async function noteFaces(
  db: Db,
  asset: IdentifiedAsset,
  found: { faces: readonly Face[] } | { problem: string },
): Promise<void> {
  const isRead = "faces" in found;
  await db.query(beginning, [
    ...addressOf(asset),
    isRead ? "pending" : "unreadable",
    isRead ? null : found.problem,
    JSON.stringify(isRead ? found.faces : []),
  ]);
}

/** Notes one face that was looked up; false if the picture was replaced since. */
export async function noteFace(
  db: Db,
  { asset_id: assetId, version }: IdentifiedAsset,
  { place, face }: { place: number; face: Face },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update face_pictures set faces = jsonb_set(faces, array[$3::text], $4::jsonb)
     where asset_id = $1 and version = $2::bigint and jsonb_array_length(faces) > $3::int`,
    [assetId, version, place, JSON.stringify(face)],
  );
  return rowCount === 1;
}

export async function finishPicture(db: Db, { asset_id: assetId, version }: IdentifiedAsset): Promise<void> {
  await db.query(
    `update face_pictures set state = 'done', rerun_at = null, lease_until = null, rerun_tries = 0
     where asset_id = $1 and version = $2::bigint`,
    [assetId, version],
  );
}

/** After a rename or a change of the access, without another look. */
export async function updateAddress(db: Db, asset: IdentifiedAsset): Promise<void> {
  await db.query(
    "update face_pictures set public_id = $2, delivery_type = $3, secure_url = $4 where asset_id = $1",
    [asset.asset_id, asset.public_id, asset.type, openUrl(asset)],
  );
}

/** The person of a user at Rekognition; null if it is none of ours. */
export async function personOf(db: Db, userId: string): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>("select id from face_people where user_id::text = $1", [
    userId,
  ]);
  return rows[0]?.id ?? null;
}

// A tag that somebody else added before is left to them: it is not noted, and never removed here.
const wanting = `
with wanted as (
  select p.id, $4::text || p.name as tag from face_people p where p.id::text = any ($2::text[])
), left_over as (
  delete from face_tags g where g.asset_id = $1 and not g.person_id::text = any ($2::text[])
  returning g.tag
), queued as (
  insert into face_removals (kind, asset_id, public_id, resource_type, delivery_type, tag)
  select 'tag', $1, $5, $6, $7, tag from left_over
), noted as (
  insert into face_tags (asset_id, person_id, tag) select $1, w.id, w.tag from wanted w
  where not normalize(w.tag) = any ($3::text[]) or exists (select from face_tags g where g.asset_id = $1 and g.person_id = w.id)
  on conflict (asset_id, person_id) do update set tag = excluded.tag
  returning tag, added_at
)
select tag from noted where added_at is null order by tag`;

/** Notes which people are in a picture. Returns the tags that are to be added; others are queued for removal. */
export async function wantTags(
  db: Db,
  asset: IdentifiedAsset,
  { people, personPrefix }: { people: readonly string[]; personPrefix: string },
): Promise<string[]> {
  const { rows } = await db.query<{ tag: string }>(wanting, [
    asset.asset_id,
    people,
    (asset.tags ?? []).map((tag) => tag.normalize("NFC")),
    personPrefix,
    asset.public_id,
    asset.resource_type,
    asset.type,
  ]);
  return rows.map(({ tag }) => tag);
}

// A person who was forgotten between the note and the call has no row any more: the tag is removed again.
const adding = `
with added as (
  update face_tags set added_at = now() where asset_id = $1 and tag = any ($2::text[]) returning tag
)
insert into face_removals (kind, asset_id, public_id, resource_type, delivery_type, tag)
select 'tag', $1, $3, $4, $5, tag from unnest($2::text[]) as t (tag) where not tag in (select tag from added)`;

/** After the call that added these tags. */
export async function tagsAdded(db: Db, asset: IdentifiedAsset, tags: readonly string[]): Promise<void> {
  await db.query(adding, [asset.asset_id, tags, asset.public_id, asset.resource_type, asset.type]);
}

/** The asset is gone, or nobody is to be looked for in it any more. */
export async function releasePicture(db: Db, assetId: string): Promise<void> {
  await db.query(
    `with tags as (delete from face_tags where asset_id = $1)
     delete from face_pictures where asset_id = $1`,
    [assetId],
  );
}

/** It is not to be looked at any more. */
export async function noRerun(db: Db, assetId: string): Promise<void> {
  await db.query("update face_pictures set rerun_at = null, lease_until = null where asset_id = $1", [
    assetId,
  ]);
}
