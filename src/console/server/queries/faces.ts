import * as z from "zod";
import type { Face } from "../../../handlers/faces/pictures.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { smallPicture } from "../thumbnail.ts";
import { containing, searched } from "./list-filters.ts";

/** One face of a picture, for the page. */
export interface ShownFace {
  box: Face["box"];
  outcome: Face["outcome"];
  /** The name of the person; null if nobody was recognised. */
  name: string | null;
  similarity: number | null;
}

export interface FacesOfAsset {
  /** It was looked at: the faces in it, and where. */
  picture: {
    state: "pending" | "done" | "unreadable";
    problem: string | null;
    lookedAt: Date;
    /** null for pictures that not everyone may see. */
    small: string | null;
    secureUrl: string | null;
    faces: ShownFace[];
    /** The tags that the receiver added. */
    tags: string[];
  } | null;
  /** It is a training picture. */
  training: ShownTraining | null;
}

export interface ShownTraining {
  assetId: string;
  publicId: string;
  state: "pending" | "indexed" | "rejected";
  problem: string | null;
  name: string | null;
  small: string | null;
}

export interface ShownPerson {
  id: string;
  name: string;
  /** false: without a training picture; nobody is recognised as this person any more. */
  trained: boolean;
  trainings: ShownTraining[];
  /** The pictures that this receiver tagged with the name, counted up to `countUpTo`. */
  pictures: number;
}

export interface UnclearPicture {
  assetId: string;
  publicId: string;
  small: string | null;
  state: "pending" | "done" | "unreadable";
  problem: string | null;
  lookedAt: Date;
  faces: ShownFace[];
}

/** How many pictures the page lists. */
const maxUnclear = 100;

const facesWithNames = `
  coalesce((select jsonb_agg(jsonb_build_object('box', face->'box', 'outcome', face->'outcome', 'name', p.name, 'similarity', face->'similarity') order by place)
   from jsonb_array_elements(f.faces) with ordinality as s (face, place)
   left join face_people p on p.id = (face->>'person')::uuid), '[]') as faces`;

export async function facesOfAsset(db: Db, assetId: string): Promise<FacesOfAsset> {
  const [pictures, trainings] = await Promise.all([
    db.query<NonNullable<FacesOfAsset["picture"]> & { publicId: string; url: string | null }>(
      `select public_id as "publicId", state, problem, looked_at as "lookedAt", secure_url as url, ${facesWithNames},
         array(select tag from face_tags g where g.asset_id = f.asset_id and g.added_at is not null order by tag) as tags
       from face_pictures f where asset_id = $1`,
      [assetId],
    ),
    trainingsWhere(db, "t.asset_id = $1", [assetId]),
  ]);
  const [found] = pictures.rows;
  const picture = found && withSmall(found);
  return { picture: picture ? { ...picture, secureUrl: found.url } : null, training: trainings[0] ?? null };
}

/** The filters of the people. */
export const peopleFilters = {
  /** A part of the name. */
  q: searched,
  /** Without a training picture, so that nobody is recognised as this person. */
  trained: z.enum(["yes", "no"]).optional(),
};

type PeopleRequest = z.output<z.ZodObject<typeof peopleFilters>> & {
  /** `next` of the previous page. */
  after?: string | undefined;
  limit: number;
  /** null: count all pictures of each person. */
  countUpTo: number | null;
};

/** People by name, with their training pictures. */
export async function peoplePage(
  db: Db,
  { q = "", trained, after, limit, countUpTo }: PeopleRequest,
): Promise<{ people: ShownPerson[]; next: string | null }> {
  const { rows } = await db.query<Omit<ShownPerson, "trainings">>(
    `select p.id, p.name, p.user_id is not null as trained,
       (select count(*)::int from (
          select from face_tags g where g.person_id = p.id and g.added_at is not null limit $5::int) counted) as pictures
     from face_people p
     where ($2 = '' or p.name ilike $2) and ($3::boolean is null or (p.user_id is not null) = $3)
       and ($4::uuid is null or (p.name, p.id) > (select name, id from face_people where id = $4::uuid))
     order by p.name, p.id limit $1::int`,
    [
      limit + 1,
      q === "" ? "" : containing(q.normalize("NFC")),
      trained === undefined ? null : trained === "yes",
      after ?? null,
      countUpTo,
    ],
  );
  const shown = rows.slice(0, limit);
  const trainings = await trainingsWhere(db, "t.person_id = any ($1::uuid[])", [shown.map(({ id }) => id)]);
  const byName = Map.groupBy(trainings, ({ name }) => name);
  return {
    people: shown.map((person) => ({ ...person, trainings: byName.get(person.name) ?? [] })),
    next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
  };
}

/** The name of a person. */
export async function nameOf(db: Db, personId: string): Promise<string | undefined> {
  const { rows } = await db.query<{ name: string }>("select name from face_people where id = $1::uuid", [
    personId,
  ]);
  return rows[0]?.name;
}

/** Training pictures that train nobody. */
export const rejectedTrainings = (db: Db): Promise<ShownTraining[]> =>
  trainingsWhere(db, "t.state = 'rejected' and $1::int > 0", [1]);

// As in the index `face_pictures_unclear`.
const isUnclear = `(state = 'unreadable' or faces @? '$[*] ? (@.outcome != "recognised" && @.outcome != "pending")')`;

/** Pictures with faces that nobody was recognised in, or that could not be read, the newest first. */
export async function unclearPictures(db: Db): Promise<UnclearPicture[]> {
  const { rows } = await db.query<UnclearPicture & { url: string | null }>(
    `select asset_id as "assetId", public_id as "publicId", state, problem, looked_at as "lookedAt", secure_url as url, ${facesWithNames}
     from face_pictures f
     where ${isUnclear}
     order by looked_at desc, asset_id limit $1::int`,
    [maxUnclear],
  );
  return rows.map(withSmall);
}

/** What is still to be removed at Rekognition and Cloudinary. */
export async function openRemovals(db: Db): Promise<{ removals: number; problem: string | null }> {
  const { rows } = await db.query<{ removals: number; problem: string | null }>(
    "select count(*)::int as removals, max(last_error) as problem from face_removals",
  );
  return rows[0] ?? { removals: 0, problem: null };
}

async function trainingsWhere(
  db: Db,
  condition: string,
  params: Parameters<Db["query"]>[1],
): Promise<ShownTraining[]> {
  const { rows } = await db.query<ShownTraining & { url: string | null }>(
    `select t.asset_id as "assetId", t.public_id as "publicId", t.state, t.problem, p.name, t.secure_url as url
     from face_trainings t left join face_people p on p.id = t.person_id where ${condition} order by t.public_id limit 1000`,
    params,
  );
  return rows.map(withSmall);
}

/** With the URL of a small picture, without the original's. */
function withSmall<T extends { publicId: string; url: string | null }>({ url, ...row }: T) {
  return { ...row, small: url === null ? null : smallPicture(url, row.publicId) };
}
