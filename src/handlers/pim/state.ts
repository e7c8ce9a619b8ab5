import type { Db } from "../../lib/database/pool.ts";
import { signAgain } from "./signed-url.ts";

/** Where an asset stands once a notification was merged in. */
export interface AssetState {
  state: "mapped" | "unmapped" | "sku-conflict";
  sku: string | null;
  /** Products to tell: whatever was ever named for it, since a former product has lost a picture. */
  skus: string[];
  pictures: number;
  /** Pictures whose signed URL names an earlier public id. */
  unsigned: UnsignedPicture[];
}

interface UnsignedPicture {
  name: string;
  version: number;
  signature: string;
  transformation: string | null;
  publicId: string;
  suffix: string;
  newPublicId: string;
  /** Since when it has the new one. */
  since: string;
}

const stateOf = `
select (select coalesce(array_agg(name order by rank), '{}') from pim_source) as sources,
       (select s.sku from pim_asset_sku s where s.asset_id = $1) as sku,
       exists (select from pim_claimed_sku c where c.asset_id = $1) as claimed,
       a.skus,
       (select count(*)::int from pim_picture p where p.asset_id = $1) as pictures,
       (select coalesce(jsonb_agg(jsonb_build_object('name', r.name, 'version', r.version, 'signature', r.url_signature,
                 'transformation', r.url_transformation, 'publicId', r.public_id, 'suffix', r.url_suffix,
                 'newPublicId', a.public_id, 'since', a.public_id_at)), '[]')
        from pim_rendition r
        where r.asset_id = $1 and r.url_signature is not null and a.public_id_at > r.named_at and a.public_id <> r.public_id
          and r.resigned_for is distinct from a.public_id) as unsigned
from pim_asset a where a.asset_id = $1`;

interface StateRow {
  sources: string[];
  sku: string | null;
  claimed: boolean;
  skus: string[];
  pictures: number;
  unsigned: UnsignedPicture[];
}

/** Reads it with the sources ranked as the settings rank them now. */
export async function assetState(
  db: Db,
  assetId: string,
  sources: readonly string[],
): Promise<AssetState | null> {
  for (let tries = 1; ; tries += 1) {
    const { rows } = await db.query<StateRow>(stateOf, [assetId]);
    const [row] = rows;
    if (row === undefined) return null;
    const current =
      row.sources.length === sources.length && row.sources.every((name, i) => name === sources[i]);
    // Another deployment may be ranking them its own way at this moment; then theirs is as good as ours.
    if (current || tries === 2) {
      const { sku, claimed, skus, pictures, unsigned } = row;
      return {
        state: sku !== null ? "mapped" : claimed ? "sku-conflict" : "unmapped",
        sku,
        skus,
        pictures,
        unsigned,
      };
    }
    await rankSources(db, sources);
  }
}

const rank = `
with given as (
  select name, rank::int from unnest($1::text[]) with ordinality as g (name, rank)
), gone as (
  delete from pim_source s where not exists (select from given g where g.name = s.name)
)
insert into pim_source as s (name, rank) select name, rank from given order by name
on conflict (name) do update set rank = excluded.rank where s.rank <> excluded.rank`;

/** Makes the order of the settings the one that products are read with. */
export async function rankSources(db: Db, sources: readonly string[]): Promise<void> {
  await db.query(rank, [sources]);
}

const resign = `
update pim_rendition set resigned = $4, resigned_for = $5, resigned_at = $6::timestamptz
where asset_id = $1 and name = $2 and version = $3::bigint and (resigned_at is null or resigned_at <= $6::timestamptz)`;

/** Signs the pictures of a renamed asset for its new name. Returns those that no secret here fits: they stay hidden. */
export async function signPictures(
  db: Db,
  assetId: string,
  { unsigned }: AssetState,
  secrets: readonly string[],
): Promise<string[]> {
  const left: string[] = [];
  for (const picture of unsigned) {
    const signature = signAgain(picture, picture.newPublicId, secrets);
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
