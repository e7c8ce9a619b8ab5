import type { Db } from "../../lib/database/pool.ts";
import type { UnmappedReason } from "../../lib/shared/unmapped-reasons.ts";

export interface Page<T> {
  items: T[];
  /** The cursor of the next page; null on the last page. */
  next: string | null;
}

export interface PageRequest {
  /** A case-insensitive search text; empty matches everything. */
  search?: string;
  /** `next` of the previous page. */
  after?: string | null;
  limit?: number;
}

/** One picture of a product: a row of `pim_product_image`. */
export interface ProductImage {
  role: string;
  position: number | null;
  rendition: string;
  secureUrl: string;
  altText: string | null;
  assetId: string;
  publicId: string;
  resourceType: string | null;
  version: number;
  width: number | null;
  height: number | null;
  bytes: number | null;
  format: string | null;
  /** The asset was replaced, and this rendition was not regenerated. */
  superseded: boolean;
  /** The asset was renamed, and the signed URL could not be signed for its current name. */
  stale: boolean;
  skuSource: string;
}

/** A file of a product that is not a picture: a row of `pim_product_files`. */
export interface ProductFile extends ProductImage {
  /** `audio`, `pdf`, `3d`, `design` or `raw`. */
  mediaKind: string;
}

/** The other products that show the same asset. */
export interface Shared {
  otherProducts: string[];
}

export interface ProductSummary {
  sku: string;
  images: number;
  files: number;
  /** The first picture in display order; null if the product has only files. */
  cover: ProductImage | null;
}

export interface Product {
  sku: string;
  images: (ProductImage & Shared)[];
  files: (ProductFile & Shared)[];
  /** Renditions whose last generation failed, with Cloudinary's reason. */
  failures: { assetId: string; rendition: string; reason: string; failedAt: Date }[];
  /** Assets that are or were assigned to it, and of which it shows nothing. */
  withoutPicture: {
    assetId: string;
    publicId: string | null;
    standing: "untrusted" | "approval-not-confirmed" | null;
  }[];
  /** Connectors whose target does not recognise the SKU. */
  unknownTo: string[];
}

export interface UnmappedAsset {
  assetId: string;
  publicId: string | null;
  /**
   * `sku-list`: a text that looks like several SKUs. `untrusted`: a visitor uploaded its newest version, which is not approved yet.
   * `approval-not-confirmed`: the same, and only a notification says that it was approved.
   * `not-approved`: it lacks the value of the setting `gate`. `no-picture`: no picture of it is known yet.
   */
  reason: UnmappedReason;
  /** The SKUs that its sources name, or those that a connector's target does not recognise. */
  skus: string[];
  /** One of its pictures; null with `no-picture`. */
  secureUrl: string | null;
  firstSeenAt: Date;
}

const image = `
  i.role, i.position, i.rendition, i.secure_url as "secureUrl", i.alt_text as "altText", i.asset_id as "assetId",
  i.public_id as "publicId", i.resource_type as "resourceType", i.version::float8 as version, i.width, i.height,
  i.bytes::float8 as bytes, i.format, i.superseded, i.stale, i.sku_source as "skuSource"`;

/** The main asset first, then by position; for each asset, current pictures first, and derived pictures before the original. */
const inOrder =
  "(i.role = 'main') desc, i.position nulls last, i.public_id, i.superseded, i.transformation is null, i.rendition";

/** The same for `pim_product_files`, which has the same columns and more. */
const file = `${image}, i.media_kind as "mediaKind"`;

const otherProducts =
  'array(select o.sku from pim_asset_sku o where o.asset_id = i.asset_id and o.sku <> i.sku order by 1) as "otherProducts"';

const listing = `
select p.sku, images.n as images, files.n as files, cover.*
from (
  -- In the order of the index, so that a page costs the same in every catalogue; what is offset is checked row by row.
  select distinct c.value as sku
  from pim_claim c
  where c.field = 'sku' and c.value > $1
    and ($2 = '' or c.value ilike $2
      or exists (select from pim_asset a where a.asset_id = c.asset_id and normalize(a.public_id, NFC) ilike $2 offset 0))
    and ($4::text[] is null or c.value = any ($4::text[]))
    and exists (select from pim_asset_sku s where s.sku = c.value and s.asset_id = c.asset_id offset 0)
    -- A search finds products without a picture as well.
    and ($2 <> '' or exists (select from pim_picture v where v.asset_id = c.asset_id offset 0))
  order by c.value limit $3::int) p
cross join lateral (select count(*)::int as n from pim_product_image c where c.sku = p.sku) images
cross join lateral (select count(*)::int as n from pim_product_files f where f.sku = p.sku) files
left join lateral (select ${image} from pim_product_image i where i.sku = p.sku order by ${inOrder} limit 1) cover on true
order by p.sku`;

/** More than these are soon found in the order of the list. */
const maxCandidates = 2_500;

// Both by their indexes of parts of a text (`pim_claim_part`, `pim_asset_part`).
const candidates = `
with by_sku as materialized (
  select c.value from pim_claim c where c.field = 'sku' and c.value is not null and c.value ilike $1 limit ${maxCandidates + 1}
), by_name as materialized (
  select a.asset_id from pim_asset a where normalize(a.public_id, NFC) ilike $1 limit ${maxCandidates + 1}
)
select array(
  select value from by_sku
  union select c.value from by_name join pim_claim c using (asset_id) where c.field = 'sku' and c.value is not null) as skus
where (select count(*) from by_sku) <= ${maxCandidates} and (select count(*) from by_name) <= ${maxCandidates}`;

/** The SKUs that can match, if they are few; null if they are many. */
async function candidatesOf(db: Db, search: string): Promise<string[] | null> {
  if (search === "") return null;
  const { rows } = await db.query<{ skus: string[] }>(candidates, [search]);
  return rows[0]?.skus ?? null;
}

/** Products that have a picture or a file, by SKU. */
export async function listProducts(db: Db, request: PageRequest = {}): Promise<Page<ProductSummary>> {
  const limit = limitOf(request);
  const search = pattern(request.search);
  const { rows } = await db.query<ProductImage & { sku: string; images: number; files: number }>(listing, [
    request.after ?? "",
    search,
    limit + 1,
    await candidatesOf(db, search),
  ]);
  const items = rows.slice(0, limit).map(({ sku, images, files, ...cover }) => ({
    sku,
    images,
    files,
    cover: images === 0 ? null : cover,
  }));
  return { items, next: rows.length > limit ? (items.at(-1)?.sku ?? null) : null };
}

/** A product with all its pictures and files; null if the SKU was never assigned. */
export async function findProduct(db: Db, wanted: string): Promise<Product | null> {
  const sku = wanted.normalize("NFC");
  const [images, files, failures, unknown, others] = await Promise.all([
    db.query<Product["images"][number]>(
      `select ${image}, ${otherProducts} from pim_product_image i where i.sku = $1 order by ${inOrder}`,
      [sku],
    ),
    db.query<Product["files"][number]>(
      `select ${file}, ${otherProducts} from pim_product_files i where i.sku = $1 order by ${inOrder}`,
      [sku],
    ),
    db.query<Product["failures"][number]>(
      `select r.asset_id as "assetId", r.name as rendition, r.failure as reason, r.failed_at as "failedAt"
       from pim_asset_sku s join pim_rendition r on r.asset_id = s.asset_id
       where s.sku = $1 and r.failed_at >= coalesce(r.event_at, '-infinity') order by r.failed_at desc, r.name limit 100`,
      [sku],
    ),
    db.query<{ handler: string | null }>(
      `select u.handler from pim_claim c left join pim_unknown_sku u on u.sku = $1
       where c.field = 'sku' and c.value = $1 group by u.handler order by u.handler`,
      [sku],
    ),
    db.query<Product["withoutPicture"][number]>(
      `select a.asset_id as "assetId", a.public_id as "publicId",
              case when exists (select from pim_unconfirmed_approval u where u.asset_id = a.asset_id) then 'approval-not-confirmed'
                   when exists (select from pim_untrusted_asset u where u.asset_id = a.asset_id) then 'untrusted' end as standing
       from pim_asset a
       where a.skus @> array[$1]
         and not exists (select from pim_product_asset p where p.sku = $1 and p.asset_id = a.asset_id)
       order by a.updated_at desc, a.asset_id limit 100`,
      [sku],
    ),
  ]);
  if (unknown.rows.length === 0 && others.rows.length === 0) return null;
  const unknownTo = unknown.rows.flatMap(({ handler }) => handler ?? []);
  return {
    sku,
    images: images.rows,
    files: files.rows,
    failures: failures.rows,
    withoutPicture: others.rows,
    unknownTo,
  };
}

export interface CurrentProduct {
  images: ProductImage[];
  files: ProductFile[];
  readAt: Date;
}

/** The current pictures and files of a product, and the time of the read: one statement, so that they belong together. */
export async function currentProduct(db: Db, sku: string): Promise<CurrentProduct> {
  const { rows } = await db.query<
    ProductFile & { assetId: string | null; isFile: boolean; n: string; readAt: Date }
  >(
    `select i.*, clock.at as "readAt" from (select now() as at) clock
     left join (
       (select ${file}, false as "isFile", row_number() over (order by ${inOrder}) as n from pim_product_image i where i.sku = $1)
       union all
       (select ${file}, true, row_number() over (order by ${inOrder}) from pim_product_files i where i.sku = $1)) i on true
     order by i."isFile", i.n`,
    [sku],
  );
  const of = (wanted: boolean) => rows.filter(({ assetId, isFile }) => assetId !== null && isFile === wanted);
  return {
    images: of(false).map(({ readAt: _, isFile, mediaKind, n, ...picture }) => picture),
    files: of(true).map(({ readAt: _, isFile, n, ...rest }) => rest),
    readAt: rows[0]?.readAt ?? new Date(),
  };
}

const seenColumn = `to_char(a.first_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`;

/** Assets that are looked at for a page: in most catalogues, nearly all have a product. */
const maxLooked = 2_000;

const unmapped = `
with looked as materialized (
  select * from pim_asset a
  where $1::timestamp is null or (a.first_seen_at, a.asset_id) < ($1::timestamp at time zone 'UTC', $2)
  order by a.first_seen_at desc, a.asset_id desc limit ${maxLooked}
), found as (
  select * from (select a.asset_id as "assetId", a.public_id as "publicId", a.first_seen_at as "firstSeenAt", picture.secure_url as "secureUrl",
       case when picture.secure_url is null then 'no-picture'
            when exists (select from pim_unconfirmed_approval u where u.asset_id = a.asset_id) then 'approval-not-confirmed'
            when exists (select from pim_untrusted_asset u where u.asset_id = a.asset_id) then 'untrusted'
            when unknown.skus is not null then 'unknown-sku' when claimed.skus is null then 'no-sku'
            when exists (select from pim_gated_asset g where g.asset_id = a.asset_id) then 'not-approved'
            when claimed.is_list then 'sku-list' else 'sku-conflict' end as reason,
       coalesce(unknown.skus, claimed.skus, '{}') as skus,
       ${seenColumn} as seen
from looked a
left join lateral (
  select coalesce(v.converted_url, v.secure_url) as secure_url
  from pim_picture v where v.asset_id = a.asset_id order by v.rendition limit 1) picture on true
left join lateral (
  select array_agg(distinct s.sku order by s.sku) as skus
  from pim_asset_sku s join pim_unknown_sku u on u.sku = s.sku where s.asset_id = a.asset_id) unknown on true
left join lateral (
  select array_agg(distinct c.sku order by c.sku) as skus, bool_or(c.is_list) as is_list
  from pim_claimed_sku c where c.asset_id = a.asset_id) claimed on true
where (
    -- First what is cheap: most assets are on the products that their sources name.
    a.untrusted
    or (select gate_source is not null or several_skus = 'conflict' from pim_view_settings)
    or exists (select from pim_claim l where l.asset_id = a.asset_id and l.is_list)
    or not exists (select from pim_claimed_sku c where c.asset_id = a.asset_id offset 0)
    or a.asset_id in (select s.asset_id from pim_unknown_sku u join pim_asset_sku s on s.sku = u.sku)
    or not exists (select from pim_rendition r where r.asset_id = a.asset_id and r.secure_url is not null offset 0))
  and (picture.secure_url is not null and (
      not exists (select from pim_asset_sku s where s.asset_id = a.asset_id offset 0)
      or unknown.skus is not null)
    or exists (select from pim_pictureless_asset n where n.asset_id = a.asset_id offset 0))
  and ($3 = '' or normalize(a.public_id, NFC) ilike $3 or a.asset_id ilike $3)
  ) u
  where $5::text is null or u.reason = $5
  order by u."firstSeenAt" desc, u."assetId" desc limit $4::int
)
select found.*, l.count as looked, l.last from (
  select count(*)::int as count, (
    select ${seenColumn} || ' ' || a.asset_id from looked a order by a.first_seen_at, a.asset_id limit 1) as last
  from looked) l
left join found on true order by found."firstSeenAt" desc, found."assetId" desc`;

/** Assets with a picture but no product, or with a product but no picture yet; newest first. A page can have fewer, or none, although there is a next one. */
export async function listUnmapped(
  db: Db,
  request: PageRequest & { reason?: UnmappedReason | undefined } = {},
): Promise<Page<UnmappedAsset>> {
  const limit = limitOf(request);
  const [, seen = null, assetId = ""] = /^([\dT:.-]+) (.+)$/s.exec(request.after ?? "") ?? [];
  const { rows } = await db.query<UnmappedRow>(unmapped, [
    seen,
    assetId,
    pattern(request.search),
    limit + 1,
    request.reason ?? null,
  ]);
  const found = rows.filter(({ assetId }) => assetId !== null);
  const last = found.length > limit ? found[limit - 1] : undefined;
  const items = found.slice(0, limit).map(({ seen: _, looked: __, last: ___, ...asset }) => asset);
  const [first] = rows;
  const goesOn = first?.looked === maxLooked ? first.last : null;
  return { items, next: last === undefined ? goesOn : `${last.seen} ${last.assetId}` };
}

/** Without an asset if none was found among those that were looked at. */
interface UnmappedRow extends UnmappedAsset {
  seen: string;
  looked: number;
  /** The cursor of the last one that was looked at. */
  last: string | null;
}

function limitOf({ limit = 50 }: PageRequest): number {
  return Math.min(200, Math.max(1, Math.trunc(limit)));
}

/** An `ilike` pattern that matches the text anywhere; wildcards in the text are escaped. */
function pattern(search = ""): string {
  const text = search.trim().normalize("NFC");
  return text === "" ? "" : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
