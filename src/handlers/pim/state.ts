import { jsonb } from "../../lib/database/jsonb.ts";
import type { Db } from "../../lib/database/pool.ts";
import { own } from "../../lib/shared/own.ts";
import type { PimSettings } from "../../settings.types.ts";
import { gateName, sourceName } from "./claims.ts";
import { signAgain } from "./signed-url.ts";

/** The state of an asset after a notification was merged. */
export interface AssetState {
  state: "mapped" | "unmapped" | "sku-conflict" | "sku-list" | "not-approved" | "untrusted";
  /** A visitor uploaded its newest version, which is not approved. */
  isUntrusted: boolean;
  /** Its products. */
  products: string[];
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

// A function, because a connection keeps its plan, and planning takes longer than the statement itself.
const stateOf = "select pim_asset_state($1) as state";

interface StateRow extends ViewSettings {
  untrusted: boolean;
  /** It, or a row that may be the same asset, is not marked as a visitor's upload yet. */
  isVisitorsToo: boolean;
  products: string[];
  gated: boolean;
  /** Why the SKUs that its sources name are no answer, if they are none; null: they name none. */
  claimed: "sku-list" | "sku-conflict" | null;
  skus: string[];
  pictures: number;
  unsigned: UnsignedPicture[];
}

/** The settings that the views use; sources in order of priority. */
interface ViewSettings {
  sources: readonly { name: string; within: readonly string[] | null }[];
  /** Columns of `pim_view_settings`. */
  settings: Readonly<Record<string, unknown>>;
}

function viewSettings(settings: PimSettings): ViewSettings {
  const { sources, gate } = settings;
  return {
    sources: sources.map((source) => ({
      name: sourceName(source),
      within: source.within?.map((folder) => folder.normalize("NFC")) ?? null,
    })),
    settings: {
      show_pending: settings.showPending,
      trusted_kinds: settings.trustedKinds,
      several_skus: settings.severalSkus,
      sku_lists: settings.skuLists,
      gate_source: gate && gateName(gate),
      gate_values: gate?.values.map((value) => value.normalize("NFC")) ?? [],
      convert_to: settings.convertOriginals,
    },
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
    let row = await readRow(db, assetId);
    if (row?.isVisitorsToo) {
      await db.query(markNamesakes, [assetId]);
      row = await readRow(db, assetId);
    }
    if (row === null) return null;
    // Another deployment may be applying its settings at the same time; accept them after the second try.
    if (agree(row, wanted) || tries === 2) {
      const { untrusted: isUntrusted, products, skus, pictures, unsigned } = row;
      return { state: standingOf(row), isUntrusted, products, skus, pictures, unsigned };
    }
    await applyViewSettings(db, wanted);
  }
}

async function readRow(db: Db, assetId: string): Promise<StateRow | null> {
  const { rows } = await db.query<{ state: StateRow | null }>(stateOf, [assetId]);
  return rows[0]?.state ?? null;
}

function standingOf({ untrusted, claimed, products, gated }: StateRow): AssetState["state"] {
  if (claimed === null) return "unmapped";
  if (untrusted) return "untrusted";
  if (products.length > 0) return "mapped";
  return gated ? "not-approved" : claimed;
}

function agree(row: StateRow, { sources, settings }: ViewSettings): boolean {
  const text = (list: ViewSettings["sources"]) =>
    JSON.stringify(list.map(({ name, within }) => [name, within]));
  return (
    text(row.sources) === text(sources) &&
    Object.entries(settings).every(
      ([column, value]) => JSON.stringify(own(row.settings, column)) === JSON.stringify(value),
    )
  );
}

const apply = `
with given as (
  select g.name, row_number() over ()::int as rank,
         case when g.within is not null then array(select jsonb_array_elements_text(g.within)) end as within
  from jsonb_to_recordset($1::jsonb) as g (name text, within jsonb)
), gone as (
  delete from pim_source s where not exists (select from given g where g.name = s.name)
), shown as (
  update pim_view_settings v set
    show_pending = g.show_pending, trusted_kinds = g.trusted_kinds, several_skus = g.several_skus, sku_lists = g.sku_lists,
    gate_source = g.gate_source, gate_values = g.gate_values, convert_to = g.convert_to
  from jsonb_populate_record(null::pim_view_settings, $2::jsonb) g
  where to_jsonb(v) <> to_jsonb(v) || $2::jsonb
)
insert into pim_source as s (name, rank, within) select name, rank, within from given order by name
on conflict (name) do update set rank = excluded.rank, within = excluded.within
where (s.rank, s.within) is distinct from (excluded.rank, excluded.within)`;

/** Applies the settings to the views. */
async function applyViewSettings(db: Db, { sources, settings }: ViewSettings): Promise<void> {
  await db.query(apply, [jsonb(sources), jsonb(settings)]);
}

const resign = `
update pim_rendition set resigned = $4, resigned_for = $5, resigned_at = $6::timestamptz, resigned_name = $7
where asset_id = $1 and name = $2 and version = $3::bigint and (resigned_at is null or resigned_at <= $6::timestamptz)`;

/** Signs the pictures of a renamed asset for its new name. Returns those that cannot be signed with the given secrets: they keep their last URL, marked as stale. */
export async function signPictures(
  db: Db,
  assetId: string,
  { unsigned }: AssetState,
  secrets: readonly string[],
): Promise<string[]> {
  const left: string[] = [];
  for (const picture of unsigned) {
    const url = { ...picture, version: picture.versionInUrl ? picture.version : null };
    const signed = signAgain(url, picture.newPublicId, secrets);
    if (signed === null) left.push(picture.name);
    else
      await db.query(resign, [
        assetId,
        picture.name,
        picture.version,
        signed.signature,
        picture.newPublicId,
        picture.since,
        signed.name,
      ]);
  }
  return left;
}
