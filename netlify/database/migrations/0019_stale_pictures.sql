-- Pictures whose URL could not be signed for their asset's current name stay visible, marked as stale; assets that are older than the
-- receiver are read from Cloudinary; a backfill of the whole library can be continued.

alter table pim_rendition
  -- The public id as it was signed, percent-encoded; null: encoded as in `public_id_url`.
  add column resigned_name text;
create index pim_rendition_signed on pim_rendition (asset_id) where url_signature is not null;

alter table pim_asset
  -- Asked for at Cloudinary, because no picture of it was known.
  add column read_at     timestamptz,
  -- `recorded` or `gone`; null: no answer yet.
  add column read_result text;

-- A product that has no picture any more is found by the assets that it had.
create index pim_asset_skus on pim_asset using gin (skus);

-- One row.
create table backfills (
  one_row     boolean primary key default true check (one_row),
  started_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  finished_at timestamptz,
  -- Where it continues: the resource type, and the page.
  stage       text not null default 'image',
  cursor      text,
  -- Assets listed, and those that were recorded.
  listed      bigint not null default 0,
  recorded    bigint not null default 0,
  admin_calls bigint not null default 0
);

-- Assets that a source names an SKU for, and of which nothing is known that could be shown.
create view pim_pictureless_asset as
select a.asset_id
from pim_asset a
where exists (select from pim_claimed_sku c where c.asset_id = a.asset_id)
  and not exists (select from pim_rendition r where r.asset_id = a.asset_id and r.secure_url is not null)
  and not coalesce(a.deleted_at > coalesce(a.restored_at, '-infinity'), false)
  and not exists (
    select from pim_removals d
    where d.asset_id = a.asset_id and d.restored_at is null and d.at > coalesce(a.restored_at, '-infinity'));

create or replace view pim_picture as
select p.asset_id, p.public_id, p.resource_type, p.delivery_type, p.rendition, p.version, p.event_at, p.secure_url,
       p.width, p.height, p.bytes, p.format, p.superseded, p.transformation, p.media_kind,
       -- The same picture in a format that browsers show.
       case when p.transformation is null and p.media_kind in ('image', 'design') and not pim_browsers_show(p.format)
                 and p.url_suffix <> '' and p.url_signature is null
            then left(p.secure_url, -length(p.url_suffix)) || '.' || (select convert_to from pim_view_settings) end as converted_url,
       p.stale
from (
  select a.asset_id, now_named.public_id, a.resource_type, now_named.type as delivery_type, r.name as rendition,
         r.version, r.event_at, r.width, r.height, r.bytes, r.format, r.transformation, r.url_suffix, r.url_signature,
         pim_media_kind(a.resource_type, a.format, a.is_audio) as media_kind,
         -- The asset has been replaced since, and this rendition has not been made again.
         coalesce(a.version > r.version, false) as superseded,
         -- The URL contains an earlier name, because none of the secrets made its signature, or because it could not be parsed.
         case when r.url_prefix is null then (now_named.public_id, now_named.type) is distinct from (r.public_id, coalesce(r.url_type, now_named.type))
              else r.url_signature is not null and now_named.public_id <> r.public_id
                and r.resigned_for is distinct from now_named.public_id end as stale,
         case when r.url_prefix is null or (now_named.public_id = r.public_id and now_named.type = r.url_type) then r.secure_url
              when r.url_signature is not null and now_named.public_id <> r.public_id and r.resigned_for is distinct from now_named.public_id
                and r.resigned_name is null then r.secure_url
              else r.url_prefix || '/' || now_named.type || '/'
                || case when r.url_signature is null then ''
                        else 's--' || case when now_named.public_id = r.public_id then r.url_signature else r.resigned end || '--/' end
                || coalesce(r.url_transformation || '/', '')
                || case when r.version_in_url then 'v' || r.version || '/' else '' end
                -- As it was signed: the SDKs encode names in different ways.
                || case when r.url_signature is null or now_named.public_id = r.public_id then now_named.public_id_url
                        else coalesce(r.resigned_name, now_named.public_id_url) end
                || r.url_suffix
         end as secure_url
  from pim_rendition r
  join pim_asset a on a.asset_id = r.asset_id
  cross join lateral (
    select case when a.public_id_at > r.named_at then a.public_id else r.public_id end as public_id,
           case when a.public_id_at > r.named_at then a.public_id_url else r.public_id_url end as public_id_url,
           case when a.delivery_type_at > r.named_at then a.delivery_type else r.url_type end as type) now_named
  where r.secure_url is not null
    and not coalesce(a.deleted_at > coalesce(a.restored_at, '-infinity')
                     and (coalesce(r.version <= a.deleted_version, false) or coalesce(r.named_at <= a.erased_at, false)), false)
    and not exists (
      select from pim_removals d
      where d.asset_id = r.asset_id and d.restored_at is null and d.at > coalesce(a.restored_at, '-infinity')
        and coalesce(r.version <= d.version, r.named_at <= d.at))
    and (a.restricted is not true or coalesce(a.public_from <= now(), false) and coalesce(now() < a.public_until, true))
    and a.access_mode is distinct from 'authenticated'
    and (
      select max(m.version) from pim_moderation m
      where m.asset_id = r.asset_id and m.status = 'rejected'
        -- A person's later word on the same version outranks a machine's.
        and not exists (
          select from pim_moderation h
          where h.asset_id = m.asset_id and h.version = m.version and h.kind = 'manual' and h.status = 'approved' and h.at > m.at)
    ) >= r.version is not true
    and ((select show_pending from pim_view_settings) or (
      select max(m.version) from pim_moderation m
      where m.asset_id = r.asset_id and m.status in ('pending', 'queued')
        -- A person's approval does not wait for machines.
        and not exists (
          select from pim_moderation h
          where h.asset_id = m.asset_id and h.version = m.version and h.kind = 'manual' and h.status = 'approved')
    ) >= r.version is not true)
) p
where p.secure_url is not null;

create or replace view pim_product_asset as
select s.sku, s.source as sku_source,
       (select c.value from pim_allowed_claim c
        where c.asset_id = s.asset_id and c.field = 'role' and c.value is not null
          and (c.element = '' or (c.source = s.source and c.element = s.element))
        order by c.element desc, c.rank limit 1) as role,
       (select c.value::integer from pim_allowed_claim c
        where c.asset_id = s.asset_id and c.field = 'position' and c.value is not null
          and (c.element = '' or (c.source = s.source and c.element = s.element))
        order by c.element desc, c.rank limit 1) as position,
       (select c.value from pim_allowed_claim c
        where c.asset_id = s.asset_id and c.field = 'alt' and c.value is not null
          and (c.element = '' or (c.source = s.source and c.element = s.element))
        order by c.element desc, c.rank limit 1) as alt_text,
       p.rendition, p.asset_id, p.public_id, p.version, p.event_at, p.width, p.height, p.format, p.secure_url, p.converted_url,
       p.bytes, p.resource_type, p.delivery_type, p.transformation, p.superseded, p.media_kind, p.stale
from pim_asset_sku s
join pim_picture p on p.asset_id = s.asset_id;

create or replace view pim_product_image as
select i.sku, coalesce(i.role, 'gallery') as role, i.position, i.rendition, i.asset_id, i.public_id, i.version, i.event_at, i.width,
       i.height, case when i.converted_url is null then i.format else (select convert_to from pim_view_settings) end as format,
       coalesce(i.converted_url, i.secure_url) as secure_url, i.alt_text,
       case when i.converted_url is null then i.bytes end as bytes,
       i.resource_type, i.delivery_type, i.transformation, i.superseded, i.sku_source, i.media_kind, i.stale
from pim_product_asset i
where i.media_kind in ('image', 'video')
   or (i.media_kind = 'design' and (i.transformation is not null or i.converted_url is not null));

create or replace view pim_product_files as
select f.sku, coalesce(f.role, 'media') as role, f.position, f.media_kind, f.rendition, f.asset_id, f.public_id, f.version, f.event_at,
       f.width, f.height, f.format, f.secure_url, f.alt_text, f.bytes, f.resource_type, f.delivery_type, f.transformation, f.superseded,
       f.sku_source, f.stale
from pim_product_asset f
where f.media_kind not in ('image', 'video', 'design') or (f.media_kind = 'design' and f.transformation is null);
