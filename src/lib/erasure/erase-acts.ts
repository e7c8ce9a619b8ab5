import { withoutPrefix } from "../shared/asset-prefix.ts";
import type { ErasePart } from "./erase-part.ts";
import { mentionsOf } from "./mentions.ts";

/** The name of an erasure in the audit log. */
export const eraseAct = "forget";

// Values that the receiver itself writes are not compared, because an asset may be called `done`. The same applies to the receiver's own part of a path.
const statement = `
with acts as (
  update operator_acts o set reason = case when o.act = '${eraseAct}' then '[erased]' end,
                             detail = case when o.act = '${eraseAct}' then o.detail end
  where o.reason = any ($1::text[]) or o.reason ~ any ($2::text[])
     or exists (
       select from jsonb_path_query(
         case when jsonb_typeof(o.detail) = 'object' then o.detail - '{outcome,status,seen,read,state}'::text[] else o.detail end,
         'strict $.** ? (@.type() == "string")') as said (value)
       where value #>> '{}' = any ($1::text[]) or value #>> '{}' ~ any ($2::text[]))
  returning 1
), named as (
  select r.reason, r.hour, s.place from refusals r, jsonb_array_elements(r.samples) with ordinality as s (sample, place)
  where exists (
    select from jsonb_path_query(s.sample, 'strict $.* ? (@.type() == "string")') as said (value),
      regexp_replace(value #>> '{}', '^/webhooks(/(upload|eager|moderation|delete|public))?(?=/|$)', '') as text
    where ltrim(text, '/') = any ($1::text[]) or ltrim(text, '/') ~ any ($2::text[]))
), samples as (
  update refusals r set samples = (
    select coalesce(jsonb_agg(s.sample order by s.place), '[]') from jsonb_array_elements(r.samples) with ordinality as s (sample, place)
    where not exists (select from named n where n.reason = r.reason and n.hour = r.hour and n.place = s.place))
  where exists (select from named n where n.reason = r.reason and n.hour = r.hour)
  returning 1
), answers as (
  update attempts a set exchange = null
  where a.exchange is not null and exists (
    select from unnest($3::text[]) id, unnest(array[a.exchange ->> 'path', a.exchange ->> 'body', a.exchange ->> 'error', (a.exchange -> 'headers')::text]) said
    where position(id in said) > 0)
  returning 1
)
select (select count(*)::int from answers) as answers, (select count(*)::int from acts) as acts, (select count(*)::int from samples) as samples`;

/** In an address and in JSON. What only contains one of them is erased as well: an answer of another service is of use for a while only. */
const writtenForms = (id: string): string[] => [
  ...new Set([id, encodeURIComponent(id), encodeURI(id), JSON.stringify(id).slice(1, -1)]),
];

/** Erases free text of operator actions, samples of rejected requests, and answers of other services that name the asset. Who did what and when is kept. */
export const eraseActs: ErasePart = async (db, { assetIds, publicIds }) => {
  const ids = [...new Set([...assetIds, ...assetIds.map(withoutPrefix), ...publicIds])];
  const params = [ids, mentionsOf(ids), ids.flatMap(writtenForms)];
  const { rows } = await db.query<{ acts: number; samples: number; answers: number }>(statement, params);
  return { ...rows[0] };
};
