import type { Db } from "../../lib/database/pool.ts";

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
  skuSource: string;
}

export interface ProductSummary {
  sku: string;
  images: number;
  /** The first picture in display order. */
  cover: ProductImage;
}

export interface Product {
  sku: string;
  images: ProductImage[];
  /** Renditions whose last generation failed, with Cloudinary's reason. */
  failures: { assetId: string; rendition: string; reason: string; failedAt: Date }[];
  /** Connectors whose target does not recognise the SKU. */
  unknownTo: string[];
}

export interface UnmappedAsset {
  assetId: string;
  publicId: string | null;
  /** `untrusted`: a visitor uploaded its newest version, which is not approved yet. */
  reason: "no-sku" | "sku-conflict" | "unknown-sku" | "untrusted";
  /** The conflicting SKUs, or the one that a connector's target does not recognise. */
  skus: string[];
  /** One of its pictures. */
  secureUrl: string;
  firstSeenAt: Date;
}

const image = `
  i.role, i.position, i.rendition, i.secure_url as "secureUrl", i.alt_text as "altText", i.asset_id as "assetId",
  i.public_id as "publicId", i.resource_type as "resourceType", i.version::float8 as version, i.width, i.height,
  i.bytes::float8 as bytes, i.format, i.superseded, i.sku_source as "skuSource"`;

/** The main asset first, then by position; for each asset, current pictures first, and derived pictures before the original. */
const inOrder =
  "(i.role = 'main') desc, i.position nulls last, i.public_id, i.superseded, i.transformation is null, i.rendition";

const listing = `
select p.sku, images.n as images, cover.*
from (
  select distinct s.sku
  from pim_asset_sku s
  where s.sku > $1
    and exists (select from pim_picture v where v.asset_id = s.asset_id)
    and ($2 = '' or s.sku ilike $2 or exists (select from pim_asset a where a.asset_id = s.asset_id and a.public_id ilike $2))
  order by s.sku limit $3::int) p
cross join lateral (select count(*)::int as n from pim_product_image c where c.sku = p.sku) images
cross join lateral (select ${image} from pim_product_image i where i.sku = p.sku order by ${inOrder} limit 1) cover
order by p.sku`;

/** Products that have a picture, by SKU. */
export async function listProducts(db: Db, request: PageRequest = {}): Promise<Page<ProductSummary>> {
  const limit = limitOf(request);
  const { rows } = await db.query<ProductImage & { sku: string; images: number }>(listing, [
    request.after ?? "",
    pattern(request.search),
    limit + 1,
  ]);
  const items = rows.slice(0, limit).map(({ sku, images, ...cover }) => ({ sku, images, cover }));
  return { items, next: rows.length > limit ? (items.at(-1)?.sku ?? null) : null };
}

/** A product with all its pictures; null if the SKU was never assigned. */
export async function findProduct(db: Db, sku: string): Promise<Product | null> {
  const [images, failures, unknown] = await Promise.all([
    db.query<ProductImage>(`select ${image} from pim_product_image i where i.sku = $1 order by ${inOrder}`, [
      sku,
    ]),
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
  ]);
  if (unknown.rows.length === 0) return null;
  const unknownTo = unknown.rows.flatMap(({ handler }) => handler ?? []);
  return { sku, images: images.rows, failures: failures.rows, unknownTo };
}

/** The current pictures of a product, and the time of the read. */
export async function currentProduct(db: Db, sku: string): Promise<{ images: ProductImage[]; readAt: Date }> {
  const { rows } = await db.query<ProductImage & { assetId: string | null; readAt: Date }>(
    `select ${image}, clock.at as "readAt" from (select now() as at) clock
     left join pim_product_image i on i.sku = $1 order by ${inOrder}`,
    [sku],
  );
  const images = rows.filter(({ assetId }) => assetId !== null).map(({ readAt: _, ...picture }) => picture);
  return { images, readAt: rows[0]?.readAt ?? new Date() };
}

const unmapped = `
select a.asset_id as "assetId", a.public_id as "publicId", a.first_seen_at as "firstSeenAt", picture.secure_url as "secureUrl",
       case when exists (select from pim_untrusted_asset u where u.asset_id = a.asset_id) then 'untrusted'
            when s.sku is not null then 'unknown-sku' when claimed.skus is null then 'no-sku' else 'sku-conflict' end as reason,
       case when s.sku is not null then array[s.sku] else coalesce(claimed.skus, '{}') end as skus,
       to_char(a.first_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as seen
from pim_asset a
left join pim_asset_sku s on s.asset_id = a.asset_id
cross join lateral (select v.secure_url from pim_picture v where v.asset_id = a.asset_id order by v.rendition limit 1) picture
left join lateral (select array_agg(distinct c.sku order by c.sku) as skus from pim_claimed_sku c where c.asset_id = a.asset_id) claimed on true
where (s.sku is null or exists (select from pim_unknown_sku u where u.sku = s.sku))
  and ($1::timestamp is null or (a.first_seen_at, a.asset_id) < ($1::timestamp at time zone 'UTC', $2))
  and ($3 = '' or a.public_id ilike $3 or a.asset_id ilike $3)
order by a.first_seen_at desc, a.asset_id desc limit $4::int`;

/** Assets with a picture but no product, newest first. */
export async function listUnmapped(db: Db, request: PageRequest = {}): Promise<Page<UnmappedAsset>> {
  const limit = limitOf(request);
  const [, seen = null, assetId = ""] = /^([\dT:.-]+) (.+)$/s.exec(request.after ?? "") ?? [];
  const { rows } = await db.query<UnmappedAsset & { seen: string }>(unmapped, [
    seen,
    assetId,
    pattern(request.search),
    limit + 1,
  ]);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const items = rows.slice(0, limit).map(({ seen: _, ...asset }) => asset);
  return { items, next: last === undefined ? null : `${last.seen} ${last.assetId}` };
}

function limitOf({ limit = 50 }: PageRequest): number {
  return Math.min(200, Math.max(1, Math.trunc(limit)));
}

/** An `ilike` pattern that matches the text anywhere; wildcards in the text are escaped. */
function pattern(search = ""): string {
  const text = search.trim();
  return text === "" ? "" : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
