import type { ErasePart } from "../../lib/erasure/erase-part.ts";
import { prefixInSql } from "../../lib/shared/asset-prefix.ts";
import { releasePeople } from "./trainings.ts";

// What is indexed of a training picture is queued for removal at Rekognition, without anything that names the asset.
const statement = `
with training as (
  select t.*, p.user_id from face_trainings t left join face_people p on p.id = t.person_id
  where t.asset_id = any ($1::text[]) or t.public_id = any ($2::text[]) and ${prefixInSql("t.asset_id")} = $3
), queued as (
  insert into face_removals (kind, user_id, face_id, external_id, due_at)
  select 'face', user_id, face_id, external_id,
         case when face_id is null then greatest(now(), indexing_at + interval '2 minutes') else now() end
  from training where face_id is not null or indexing_at is not null
), trainings as (
  delete from face_trainings t using training where t.asset_id = training.asset_id returning 1
), picture as (
  select asset_id from face_pictures where asset_id = any ($1::text[]) or public_id = any ($2::text[]) and ${prefixInSql("asset_id")} = $3
), pictures as (
  delete from face_pictures f using picture where f.asset_id = picture.asset_id returning 1
), tags as (
  delete from face_tags where asset_id = any ($1::text[]) or asset_id in (select asset_id from picture)
), removals as (
  delete from face_removals where asset_id = any ($1::text[]) or public_id = any ($2::text[]) and ${prefixInSql("asset_id")} = $3 returning id, forgetting_id
), finished as (
  update face_forgettings f set finished_at = now()
  where f.finished_at is null and f.id in (select forgetting_id from removals)
    and not exists (select from face_removals r where r.forgetting_id = f.id and r.id not in (select id from removals))
)
select (select count(*)::int from trainings) as trainings, (select count(*)::int from pictures) as pictures`;

/** Erases what is known about the faces in an asset. The sweep starts the removal at Rekognition. */
export const eraseFromFaces: ErasePart = async (db, { assetIds, publicIds, assetPrefix }) => {
  const { rows } = await db.query<{ trainings: number; pictures: number }>(statement, [
    assetIds,
    publicIds,
    assetPrefix,
  ]);
  await releasePeople(db);
  return { faceTrainings: rows[0]?.trainings ?? 0, facePictures: rows[0]?.pictures ?? 0 };
};
