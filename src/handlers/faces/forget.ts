import type { Db } from "../../lib/database/pool.ts";
import { redact } from "../../lib/shared/redact.ts";
import type { FacesSettings } from "../../settings.types.ts";

export interface Forgetting {
  id: string;
  /** Nothing is left to be removed. */
  finished: boolean;
  /** What is still to be removed, by kind. */
  left: { faces: number; users: number; tags: number };
  /** Why something could not be removed yet. */
  problem: string | null;
  /** What was removed: `faces`, `users`, `tags`; and what was erased at once: `pictures`, `trainings`. */
  counts: Record<string, number>;
}

// One statement: from then on nothing here names the person, except for the tags that are still to be removed at Cloudinary.
// The tags on the training pictures go as well; otherwise they would be indexed again.
const requesting = `
with person as (
  select * from face_people where name = $1 for update
), asked as (
  insert into face_forgettings (id, who, reason, name_sha256)
  select salt.id, $2, $3, encode(sha256(convert_to(salt.id || ' ' || $1, 'utf8')), 'hex')
  from (select gen_random_uuid() as id) salt, person
  returning id
), training as (
  select t.* from face_trainings t join person p on p.id = t.person_id
), queued as (
  insert into face_removals (kind, forgetting_id, user_id, face_id, external_id, asset_id, public_id, resource_type, delivery_type, tag, due_at)
  select 'user', asked.id, p.user_id, null, null, null, null, null, null, null, now() from person p, asked where p.user_id is not null
  union all
  select 'face', asked.id, p.user_id, t.face_id, t.external_id, null, null, null, null, null,
         case when t.face_id is null then greatest(now(), t.indexing_at + interval '2 minutes') else now() end
  from training t, person p, asked where t.face_id is not null or t.indexing_at is not null
  union all
  select 'tag', asked.id, null, null, null, t.asset_id, t.public_id, t.resource_type, t.delivery_type, label.tag, now()
  from training t, asked, unnest(array[$4 || $1, $5 || t.face_id]) as label (tag) where label.tag is not null
  union all
  select 'tag', asked.id, null, null, null, g.asset_id, f.public_id, f.resource_type, f.delivery_type, g.tag, now()
  from face_tags g join person p on p.id = g.person_id join face_pictures f on f.asset_id = g.asset_id, asked
  returning 1
), tags as (
  delete from face_tags g using person p where g.person_id = p.id
), pictures as (
  update face_pictures f set faces = (
    select coalesce(jsonb_agg(case when face->>'person' = p.id::text
      then face || '{"outcome":"forgotten","person":null,"similarity":null}' else face end order by place), '[]')
    from jsonb_array_elements(f.faces) with ordinality as s (face, place))
  from person p where f.faces @> jsonb_build_array(jsonb_build_object('person', p.id))
  returning 1
), trainings as (
  delete from face_trainings t using person p where t.person_id = p.id returning 1
), gone as (
  delete from face_people f using person p where f.id = p.id
)
select asked.id, (select count(*)::int from pictures) as pictures, (select count(*)::int from trainings) as trainings,
       (select count(*)::int from queued) as queued from asked`;

/** Starts to forget a person, or returns the request that is still open. null: nothing is known under this name. */
export async function requestForgetting(
  db: Db,
  name: string,
  { who, reason, settings }: { who: string; reason: string; settings: FacesSettings },
): Promise<Forgetting | null> {
  const wanted = name.normalize("NFC").trim();
  const asked = await ask(db, [wanted, who, redact(reason), settings.labelPrefix, settings.idPrefix]);
  if (!asked) return await openForgetting(db, wanted);
  await db.query(
    `update face_forgettings set counts = counts || $2::jsonb, finished_at = case when $3::int = 0 then now() else finished_at end
     where id = $1::uuid`,
    [asked.id, JSON.stringify({ pictures: asked.pictures, trainings: asked.trainings }), asked.queued],
  );
  return await forgettingOf(db, asked.id);
}

interface Asked {
  id: string;
  pictures: number;
  trainings: number;
  queued: number;
}

/** Again, if a tag or a training picture of the person was noted in the moment between the statement's start and its end. */
async function ask(db: Db, params: string[]): Promise<Asked | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      const { rows } = await db.query<Asked>(requesting, params);
      return rows[0] ?? null;
    } catch (error) {
      if (!isStillReferenced(error) || tries === maxTries) throw error;
    }
  }
}

const maxTries = 5;

function isStillReferenced(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23503";
}

async function openForgetting(db: Db, name: string): Promise<Forgetting | null> {
  const { rows } = await db.query<{ id: string }>(
    `select id from face_forgettings
     where finished_at is null and name_sha256 = encode(sha256(convert_to(id || ' ' || $1, 'utf8')), 'hex') limit 1`,
    [name],
  );
  return rows[0] ? await forgettingOf(db, rows[0].id) : null;
}

export async function forgettingOf(db: Db, id: string): Promise<Forgetting | null> {
  const { rows } = await db.query<Forgetting>(
    `select f.id, f.finished_at is not null as finished, f.counts,
       jsonb_build_object('faces', count(r.id) filter (where r.kind = 'face'), 'users', count(r.id) filter (where r.kind = 'user'),
                          'tags', count(r.id) filter (where r.kind = 'tag')) as left,
       max(r.last_error) as problem
     from face_forgettings f left join face_removals r on r.forgetting_id = f.id where f.id = $1::uuid group by f.id`,
    [id],
  );
  return rows[0] ?? null;
}
