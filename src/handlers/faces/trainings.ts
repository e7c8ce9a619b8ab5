import type { FoundAsset } from "../../lib/cloudinary/api.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { Box, IndexedFace } from "./rekognition.ts";

/** A training picture in the database. */
export interface Training {
  assetId: string;
  version: number;
  state: "pending" | "indexed" | "rejected";
  personId: string | null;
  /** The user at Rekognition. */
  userId: string | null;
  name: string | null;
  /** For IndexFaces. */
  externalId: string;
  /** IndexFaces was called before, and its answer may have been lost. */
  isBegun: boolean;
  faceId: string | null;
}

const columns = `
  t.asset_id as "assetId", t.version::float8 as version, t.state, t.person_id as "personId", p.user_id as "userId", p.name,
  t.external_id as "externalId", t.indexing_at is not null as "isBegun", t.face_id as "faceId"`;

export async function trainingOf(db: Db, assetId: string): Promise<Training | null> {
  const { rows } = await db.query<Training>(
    `select ${columns} from face_trainings t left join face_people p on p.id = t.person_id where t.asset_id = $1`,
    [assetId],
  );
  return rows[0] ?? null;
}

// A face of another version or of another person is queued for removal in the same statement, so that a crash leaves none behind.
// If the call that indexes it is still under way, it is removed when that call must have ended.
const queueFace = (rows: string, idPrefix: string) => `
  insert into face_removals (kind, user_id, face_id, external_id, due_at, asset_id, public_id, resource_type, delivery_type, tag)
  select 'face', o.user_id, o.face_id, o.external_id,
         case when o.face_id is null then greatest(now(), o.indexing_at + interval '2 minutes') else now() end, null, null, null, null, null
  from ${rows} o where o.face_id is not null or o.indexing_at is not null
  union all
  select 'tag', null, null, null, now(), o.asset_id, o.public_id, o.resource_type, o.delivery_type, ${idPrefix}::text || o.face_id
  from ${rows} o where o.face_id is not null and o.state = 'indexed' and ${idPrefix}::text is not null`;

// A request to forget this person that is not finished yet must not be undone by a training picture that still has the tag.
const claiming = `
with old as (
  select t.*, p.user_id, p.name from face_trainings t left join face_people p on p.id = t.person_id where t.asset_id = $1 for update of t
), allowed as (
  select 1 where not exists (select from face_removals where asset_id = $1 and kind = 'tag' and tag = $8)
), person as (
  insert into face_people (name, user_id) select $7, gen_random_uuid() from allowed
  on conflict (name) do update set user_id = coalesce(face_people.user_id, excluded.user_id)
  returning id, user_id, name
), changed as (
  select old.* from old, person where old.version <> $5::bigint or old.person_id is distinct from person.id
), queued as (${queueFace("changed", "$9")}
), noted as (
  insert into face_trainings as t (asset_id, public_id, resource_type, delivery_type, version, secure_url, person_id)
  select $1, $2, $3, $4, $5::bigint, $6, person.id from person
  on conflict (asset_id) do update set
    public_id = excluded.public_id, delivery_type = excluded.delivery_type, secure_url = excluded.secure_url,
    version = excluded.version, person_id = excluded.person_id, updated_at = now(),
    state = case when exists (select from changed) then 'pending' else t.state end,
    problem = case when exists (select from changed) then null else t.problem end,
    external_id = case when exists (select from changed) then gen_random_uuid() else t.external_id end,
    indexing_at = case when exists (select from changed) then null else t.indexing_at end,
    face_id = case when exists (select from changed) then null else t.face_id end,
    box = case when exists (select from changed) then null else t.box end
  returning t.*
)
select ${columns.replaceAll("p.", "person.")},
       exists (select from changed where person_id is not null) as replaced
from noted t, person`;

export interface ClaimedTraining extends Training {
  /** It was a picture of another person, or another picture. */
  replaced: boolean;
}

/** Notes the picture as one of this person, whom it creates if necessary. null while the person is being forgotten. */
export async function claimTraining(
  db: Db,
  asset: FoundAsset & { asset_id: string },
  { name, label, idPrefix }: { name: string; label: string; idPrefix: string },
): Promise<ClaimedTraining | null> {
  const { rows } = await db.query<ClaimedTraining>(claiming, [...addressOf(asset), name, label, idPrefix]);
  return rows[0] ?? null;
}

/** The first six columns of a row about an asset: its ids, its address and its version. */
export function addressOf(asset: FoundAsset & { asset_id: string }): (string | number | null)[] {
  return [asset.asset_id, asset.public_id, asset.resource_type, asset.type, asset.version, openUrl(asset)];
}

/** The URL for the console, of pictures that everyone may see. */
export function openUrl({
  type,
  secure_url: url,
  access_control: rules,
  access_mode: mode,
}: FoundAsset): string | null {
  return type === "upload" && !rules?.length && mode !== "authenticated" ? (url ?? null) : null;
}

/** Before IndexFaces. False if the row has changed since. */
export async function beginIndexing(db: Db, { assetId, externalId }: Training): Promise<boolean> {
  const { rowCount } = await db.query(
    "update face_trainings set indexing_at = now() where asset_id = $1 and external_id = $2::uuid",
    [assetId, externalId],
  );
  return rowCount === 1;
}

// If the row has changed since, the face is queued for removal.
const keeping = `
with kept as (
  update face_trainings set face_id = $3::uuid, box = $4::jsonb where asset_id = $1 and external_id = $2::uuid returning 1
), queued as (
  insert into face_removals (kind, face_id) select 'face', $3::uuid where not exists (select from kept)
)
select from kept`;

/** After IndexFaces. False if the row has changed since. */
export async function keepFace(db: Db, training: Training, face: IndexedFace): Promise<boolean> {
  const { rowCount } = await db.query(keeping, [
    training.assetId,
    training.externalId,
    face.faceId,
    boxJson(face.box),
  ]);
  return rowCount === 1;
}

const unwanting = `
with wanted as (select from face_people where user_id = $1::uuid), queued as (
  insert into face_removals (kind, user_id) select 'user', $1::uuid where not exists (select from wanted)
)
select from wanted`;

/** After CreateUser. If the person was forgotten or lost the last picture meanwhile, the user is queued for removal once more. */
export async function isUserWanted(db: Db, userId: string): Promise<boolean> {
  const { rows } = await db.query(unwanting, [userId]);
  return rows.length > 0;
}

export async function finishTraining(db: Db, { assetId, externalId }: Training): Promise<void> {
  await db.query(
    `update face_trainings set state = 'indexed', problem = null, updated_at = now()
     where asset_id = $1 and external_id = $2::uuid`,
    [assetId, externalId],
  );
}

const rejecting = `
with old as (
  select t.*, p.user_id from face_trainings t left join face_people p on p.id = t.person_id
  where t.asset_id = $1 and t.external_id = $2::uuid for update of t
), queued as (${queueFace("old", "null")}
)
update face_trainings t set state = 'rejected', problem = $3, face_id = null, indexing_at = null, updated_at = now()
from old where t.asset_id = old.asset_id`;

/** Nothing of the picture is indexed. */
export async function rejectTraining(
  db: Db,
  { assetId, externalId }: Training,
  problem: string,
): Promise<void> {
  await db.query(rejecting, [assetId, externalId, problem]);
}

const unclaiming = `
with old as (
  select t.*, p.user_id from face_trainings t left join face_people p on p.id = t.person_id where t.asset_id = $1 for update of t
), queued as (${queueFace("old", "$4")}
), gone as (
  delete from face_trainings t using old where t.asset_id = old.asset_id and $2::text is null
), nobodys as (
  update face_trainings t set person_id = null, state = 'rejected', problem = $2, face_id = null, indexing_at = null,
    external_id = gen_random_uuid(), version = $3::bigint, updated_at = now()
  from old where t.asset_id = old.asset_id and $2::text is not null
)
select from old`;

/**
 * The picture trains nobody any more. `left`: it is still a training picture, whose tags name nobody. `idPrefix` null: the asset is gone,
 * and its tags with it.
 */
export async function releaseTraining(
  db: Db,
  assetId: string,
  { left, idPrefix }: { left: { problem: string; version: number } | null; idPrefix: string | null },
): Promise<void> {
  await db.query(unclaiming, [assetId, left?.problem ?? null, left?.version ?? null, idPrefix]);
  await releasePeople(db);
}

/** A picture in the training folder whose tags name nobody. */
export async function noteNobodys(
  db: Db,
  asset: FoundAsset & { asset_id: string },
  problem: string,
): Promise<void> {
  await db.query(
    `insert into face_trainings (asset_id, public_id, resource_type, delivery_type, version, secure_url, state, problem)
     values ($1, $2, $3, $4, $5::bigint, $6, 'rejected', $7)
     on conflict (asset_id) do update set public_id = excluded.public_id, secure_url = excluded.secure_url`,
    [...addressOf(asset), problem],
  );
}

// Names that are still on pictures as tags stay known, so that they can be forgotten later.
const releasing = `
with idle as (
  select p.id, p.user_id, exists (select from face_tags g where g.person_id = p.id) as tagged from face_people p
  where not exists (select from face_trainings t where t.person_id = p.id) for update
), queued as (
  insert into face_removals (kind, user_id) select 'user', user_id from idle where user_id is not null
), untrained as (
  update face_people p set user_id = null from idle where p.id = idle.id and idle.tagged and p.user_id is not null
)
delete from face_people p using idle where p.id = idle.id and not idle.tagged`;

/** Queues the users without a training picture for removal, and deletes the people whom nothing names any more. */
export async function releasePeople(db: Db): Promise<void> {
  await db.query(releasing);
}

export function boxJson(box: Box | null): string | null {
  return box === null ? null : JSON.stringify(box);
}
