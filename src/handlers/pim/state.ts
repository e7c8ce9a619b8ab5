import { jsonb } from "../../lib/database/jsonb.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { PimSettings } from "../../settings.types.ts";
import { sourceName } from "./claims.ts";
import { signAgain } from "./signed-url.ts";

/** The state of an asset after a notification was merged. */
export interface AssetState {
  state: "mapped" | "unmapped" | "sku-conflict" | "untrusted";
  sku: string | null;
  /** All products that the asset was ever assigned to, because a former product may have lost a picture. */
  skus: string[];
  pictures: number;
  /** Pictures whose signed URL contains an earlier public id. */
  unsigned: UnsignedPicture[];
}

interface UnsignedPicture {
  name: string;
  version: number;
  signature: string;
  transformation: string | null;
  versionInUrl: boolean;
  publicId: string;
  suffix: string;
  newPublicId: string;
  /** When the new public id took effect. */
  since: string;
}

/** In SQL: every product that the asset was ever assigned to, and those of the rows that may be the same asset. */
export function namedSkus(asset: string): string {
  return `array(
    select sku from (
      select unnest(${asset}.skus) as sku
      union select unnest(o.skus) from pim_namesake s join pim_asset o on o.asset_id = s.asset_id where s.other_id = ${asset}.asset_id) named
    order by 1)`;
}

const stateOf = `
select (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'within', within) order by rank), '[]') from pim_source) as sources,
       (select show_pending from pim_view_settings) as "showPending",
       (select trusted_kinds from pim_view_settings) as "trustedKinds",
       exists (select from pim_untrusted_asset u where u.asset_id = $1) as untrusted,
       exists (
         select from pim_namesake s join pim_asset o on o.asset_id = s.other_id
         where s.asset_id = $1 and not (a.untrusted and o.untrusted)) as "isVisitorsToo",
       (select s.sku from pim_asset_sku s where s.asset_id = $1) as sku,
       exists (select from pim_claimed_sku c where c.asset_id = $1) as claimed,
       ${namedSkus("a")} as skus,
       (select count(*)::int from pim_picture p where p.asset_id = $1) as pictures,
       (select coalesce(jsonb_agg(jsonb_build_object('name', r.name, 'version', r.version, 'signature', r.url_signature,
                 'transformation', r.url_transformation, 'versionInUrl', r.version_in_url, 'publicId', r.public_id, 'suffix', r.url_suffix,
                 'newPublicId', a.public_id, 'since', a.public_id_at)), '[]')
        from pim_rendition r
        where r.asset_id = $1 and r.url_signature is not null and a.public_id_at > r.named_at and a.public_id <> r.public_id
          and r.resigned_for is distinct from a.public_id) as unsigned
from pim_asset a where a.asset_id = $1`;

interface StateRow {
  sources: ViewSettings["sources"];
  showPending: boolean;
  trustedKinds: readonly string[];
  untrusted: boolean;
  /** It, or a row that may be the same asset, is not marked as a visitor's upload yet. */
  isVisitorsToo: boolean;
  sku: string | null;
  claimed: boolean;
  skus: string[];
  pictures: number;
  unsigned: UnsignedPicture[];
}

/** The settings that the views use; sources in order of priority. */
interface ViewSettings {
  sources: readonly { name: string; within: readonly string[] | null }[];
  showPending: boolean;
  trustedKinds: readonly string[];
}

function viewSettings({ sources, showPending, trustedKinds }: PimSettings): ViewSettings {
  return {
    sources: sources.map((source) => ({ name: sourceName(source), within: source.within ?? null })),
    showPending,
    trustedKinds,
  };
}

// Runs after the facts were written: of two writers at once, the later one sees what both wrote.
const markNamesakes = `
update pim_asset a set untrusted = true, updated_at = now()
where not a.untrusted and (a.asset_id = $1 or a.asset_id in (select s.other_id from pim_namesake s where s.asset_id = $1))
  and exists (select from pim_namesake s where s.asset_id = a.asset_id)`;

/** Reads the state of an asset under the current settings. */
export async function assetState(db: Db, assetId: string, settings: PimSettings): Promise<AssetState | null> {
  const wanted = viewSettings(settings);
  for (let tries = 1; ; tries += 1) {
    let { rows } = await db.query<StateRow>(stateOf, [assetId]);
    if (rows[0]?.isVisitorsToo) {
      await db.query(markNamesakes, [assetId]);
      ({ rows } = await db.query<StateRow>(stateOf, [assetId]));
    }
    const [row] = rows;
    if (row === undefined) return null;
    // Another deployment may be applying its settings at the same time; accept them after the second try.
    if (agree(row, wanted) || tries === 2) {
      const { sku, claimed, skus, pictures, untrusted, unsigned } = row;
      const mapped = sku !== null ? "mapped" : claimed ? "sku-conflict" : "unmapped";
      return { state: untrusted && claimed ? "untrusted" : mapped, sku, skus, pictures, unsigned };
    }
    await applyViewSettings(db, wanted);
  }
}

function agree(row: StateRow, wanted: ViewSettings): boolean {
  const text = ({ sources, showPending, trustedKinds }: ViewSettings) =>
    JSON.stringify([showPending, trustedKinds, sources.map(({ name, within }) => [name, within])]);
  return text(row) === text(wanted);
}

const apply = `
with given as (
  select g.name, row_number() over ()::int as rank,
         case when g.within is not null then array(select jsonb_array_elements_text(g.within)) end as within
  from jsonb_to_recordset($1::jsonb) as g (name text, within jsonb)
), gone as (
  delete from pim_source s where not exists (select from given g where g.name = s.name)
), shown as (
  update pim_view_settings set show_pending = $2, trusted_kinds = $3::text[]
  where (show_pending, trusted_kinds) is distinct from ($2::boolean, $3::text[])
)
insert into pim_source as s (name, rank, within) select name, rank, within from given order by name
on conflict (name) do update set rank = excluded.rank, within = excluded.within
where (s.rank, s.within) is distinct from (excluded.rank, excluded.within)`;

/** Applies the settings to the views. */
async function applyViewSettings(
  db: Db,
  { sources, showPending, trustedKinds }: ViewSettings,
): Promise<void> {
  await db.query(apply, [jsonb(sources), showPending, trustedKinds]);
}

const resign = `
update pim_rendition set resigned = $4, resigned_for = $5, resigned_at = $6::timestamptz
where asset_id = $1 and name = $2 and version = $3::bigint and (resigned_at is null or resigned_at <= $6::timestamptz)`;

/** Signs the pictures of a renamed asset for its new name. Returns those that cannot be signed with the given secrets; they stay hidden. */
export async function signPictures(
  db: Db,
  assetId: string,
  { unsigned }: AssetState,
  secrets: readonly string[],
): Promise<string[]> {
  const left: string[] = [];
  for (const picture of unsigned) {
    const url = { ...picture, version: picture.versionInUrl ? picture.version : null };
    const signature = signAgain(url, picture.newPublicId, secrets);
    if (signature === null) left.push(picture.name);
    else
      await db.query(resign, [
        assetId,
        picture.name,
        picture.version,
        signature,
        picture.newPublicId,
        picture.since,
      ]);
  }
  return left;
}
