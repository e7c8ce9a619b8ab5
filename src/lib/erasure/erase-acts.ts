import type { ErasePart } from "./erase-part.ts";

/** The act under which an erasure is in the audit log. */
export const eraseAct = "forget";

// In JSON as JSON writes it, in text as it is.
const statement = `
with ids as (
  select i, to_json(i)::text as quoted from unnest($1::text[]) as i
), acts as (
  update operator_acts o set reason = case when o.act = '${eraseAct}' then '[erased]' end,
                             detail = case when o.act = '${eraseAct}' then o.detail end
  where exists (select from ids where position(quoted in o.detail::text) > 0 or position(i in o.reason) > 0)
  returning 1
), samples as (
  update refusals r set samples = (
    select coalesce(jsonb_agg(s.sample), '[]') from jsonb_array_elements(r.samples) as s (sample)
    where not exists (select from ids where position(i in s.sample::text) > 0))
  where exists (select from ids where position(i in r.samples::text) > 0)
  returning 1
)
select (select count(*)::int from acts) as acts, (select count(*)::int from samples) as samples`;

/** The free text of operators' acts, and samples of rejected requests, that name the asset. Who did what and when stays. */
export const eraseActs: ErasePart = async (db, { assetIds, publicIds }) => {
  const { rows } = await db.query<{ acts: number; samples: number }>(statement, [
    [...assetIds, ...publicIds],
  ]);
  return { ...rows[0] };
};
