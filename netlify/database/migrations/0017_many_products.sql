-- An asset may be on several products, and need not be a picture.

alter table pim_claim
  -- The value looks like a list in a text field (`AB-1, AB-2`). It is not an SKU, unless `pim.skuLists` is `keep`.
  add column is_list boolean not null default false;

alter table pim_asset
  -- Of the original.
  add column format         text,
  add column is_audio       boolean,
  add column format_at      timestamptz,
  -- The older way to restrict an asset; `authenticated` restricts it.
  add column access_mode    text,
  add column access_mode_at timestamptz;

-- Kept equal to the settings by the handler.
alter table pim_view_settings
  add column several_skus text not null default 'all',
  add column sku_lists    text not null default 'flag',
  -- The claim that an asset needs one of these values of before it is on a product; null: none.
  add column gate_source  text,
  add column gate_values  text[] not null default '{}',
  -- The format of originals that browsers cannot show; null: they are not converted.
  add column convert_to   text;

-- What the asset is, beyond Cloudinary's resource types: documents are images there, and audio is video.
create function pim_media_kind(resource_type text, format text, is_audio boolean) returns text language sql immutable parallel safe as $$
  select case
    when is_audio then 'audio'
    when lower(format) in ('glb', 'gltf', 'fbx', 'obj', 'usdz', 'usd', 'ply', '3ds', 'stl', 'dae', 'u3ma') then '3d'
    when lower(format) = 'pdf' then 'pdf'
    when resource_type = 'raw' then 'raw'
    when resource_type = 'video' and is_audio is not false and lower(format) in
      ('mp3', 'wav', 'ogg', 'oga', 'opus', 'flac', 'aac', 'm4a', 'aif', 'aiff', 'amr', 'wma', 'mid') then 'audio'
    when resource_type = 'video' then 'video'
    when lower(format) in ('psd', 'ai', 'eps', 'ept', 'ps', 'indd', 'djvu') then 'design'
    else 'image' end
$$;

create function pim_browsers_show(format text) returns boolean language sql immutable parallel safe as $$
  select coalesce(lower(format) not in
    ('heic', 'heif', 'tif', 'tiff', 'psd', 'ai', 'eps', 'ept', 'ps', 'indd', 'djvu', 'jp2', 'jxr', 'wdp', 'hdp', 'jxl', 'tga', 'hdr',
     'exr', 'arw', 'cr2', 'cr3', 'dng', 'nef'), true)
$$;

-- As before, with folders in either Unicode form.
create or replace view pim_allowed_claim as
select c.asset_id, c.field, c.source, c.element, c.value, c.at, s.rank, c.is_list
from pim_claim c
join pim_source s on s.name = c.source
where s.within is null or exists (
  select from pim_asset a
  where a.asset_id = c.asset_id
    and pim_in_folders(s.within, normalize(coalesce(nullif(a.asset_folder, ''), substring(a.public_id from '^(.*)/')), NFC)));

create or replace view pim_claimed_sku as
select c.asset_id, c.value as sku, c.source, c.rank, c.at, c.element,
       c.is_list and (select sku_lists from pim_view_settings) <> 'keep' as is_list
from pim_allowed_claim c
where c.field = 'sku' and c.value is not null
  and (c.element = '' or not exists (
    select from pim_claim w
    where w.asset_id = c.asset_id and w.field = 'sku' and w.source = c.source and w.element = '' and w.at > c.at));

-- Assets that lack the field value that the setting `gate` asks for.
create view pim_gated_asset as
select a.asset_id
from pim_asset a
where (select gate_source from pim_view_settings) is not null
  and not exists (
    select from pim_claim g
    where g.asset_id = a.asset_id and g.field = 'gate' and g.source = (select gate_source from pim_view_settings)
      and array_position((select gate_values from pim_view_settings), g.value) is not null);

-- The products of each asset: every SKU in the source with the highest priority that has any, each once.
create or replace view pim_asset_sku as
select c.asset_id, c.sku, c.source, c.at, c.element
from pim_claimed_sku c
where not exists (
  select from pim_claimed_sku o
  where o.asset_id = c.asset_id
    and (o.rank < c.rank
      or (o.rank = c.rank and (
        o.is_list
        or (o.sku <> c.sku and (select several_skus from pim_view_settings) = 'conflict')
        or (o.sku = c.sku and (o.at, o.element) > (c.at, c.element))))))
  and not exists (select from pim_untrusted_asset u where u.asset_id = c.asset_id)
  and not exists (select from pim_gated_asset g where g.asset_id = c.asset_id);

-- Everything of an asset that may be seen, under its current name. Whether it may is decided here and nowhere else.
create or replace view pim_picture as
select p.asset_id, p.public_id, p.resource_type, p.delivery_type, p.rendition, p.version, p.event_at, p.secure_url,
       p.width, p.height, p.bytes, p.format, p.superseded, p.transformation, p.media_kind,
       -- The same picture in a format that browsers show.
       case when p.transformation is null and p.media_kind in ('image', 'design') and not pim_browsers_show(p.format)
                 and p.url_suffix <> '' and p.url_signature is null
            then left(p.secure_url, -length(p.url_suffix)) || '.' || (select convert_to from pim_view_settings) end as converted_url
from (
  select a.asset_id, now_named.public_id, a.resource_type, now_named.type as delivery_type, r.name as rendition,
         r.version, r.event_at, r.width, r.height, r.bytes, r.format, r.transformation, r.url_suffix, r.url_signature,
         pim_media_kind(a.resource_type, a.format, a.is_audio) as media_kind,
         -- The asset has been replaced since, and this rendition has not been made again.
         coalesce(a.version > r.version, false) as superseded,
         case when r.url_prefix is null or (now_named.public_id = r.public_id and now_named.type = r.url_type) then r.secure_url
              when r.url_signature is not null and r.resigned_for is distinct from now_named.public_id then null
              else r.url_prefix || '/' || now_named.type || '/'
                || case when r.url_signature is null then '' else 's--' || r.resigned || '--/' end
                || coalesce(r.url_transformation || '/', '')
                || case when r.version_in_url then 'v' || r.version || '/' else '' end
                || now_named.public_id_url || r.url_suffix
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

-- Everything of a product. What a source says of one product outranks what any says of the asset as a whole.
create view pim_product_asset as
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
       p.bytes, p.resource_type, p.delivery_type, p.transformation, p.superseded, p.media_kind
from pim_asset_sku s
join pim_picture p on p.asset_id = s.asset_id;

create or replace view pim_product_image as
select i.sku, coalesce(i.role, 'gallery') as role, i.position, i.rendition, i.asset_id, i.public_id, i.version, i.event_at, i.width,
       i.height, case when i.converted_url is null then i.format else (select convert_to from pim_view_settings) end as format,
       coalesce(i.converted_url, i.secure_url) as secure_url, i.alt_text,
       case when i.converted_url is null then i.bytes end as bytes,
       i.resource_type, i.delivery_type, i.transformation, i.superseded, i.sku_source, i.media_kind
from pim_product_asset i
where i.media_kind in ('image', 'video')
   or (i.media_kind = 'design' and (i.transformation is not null or i.converted_url is not null));

-- Files of products: documents, audio, 3D models, raw files, and originals of design programs.
create view pim_product_files as
select f.sku, coalesce(f.role, 'media') as role, f.position, f.media_kind, f.rendition, f.asset_id, f.public_id, f.version, f.event_at,
       f.width, f.height, f.format, f.secure_url, f.alt_text, f.bytes, f.resource_type, f.delivery_type, f.transformation, f.superseded,
       f.sku_source
from pim_product_asset f
where f.media_kind not in ('image', 'video', 'design') or (f.media_kind = 'design' and f.transformation is null);

-- Rows from before.

update pim_asset a set format = r.format, format_at = r.event_at
from pim_rendition r
where r.asset_id = a.asset_id and r.transformation is null and r.format is not null and r.event_at is not null;

update pim_claim set is_list = true
where field = 'sku' and value ~ '[^[:space:],;|][[:space:]]*[,;|[:cntrl:]][[:space:],;|]*[^[:space:],;|]';

-- SKUs and roles are stored in NFC. Of rows that differ only in form, the later one stays.
delete from pim_claim c using pim_claim o
where o.asset_id = c.asset_id and o.field = c.field and o.source = c.source and o.element <> c.element
  and normalize(o.element, NFC) = normalize(c.element, NFC) and (o.at, o.element) > (c.at, c.element);
update pim_claim set element = normalize(element, NFC), value = case when field in ('sku', 'role') then normalize(value, NFC) else value end
where element is not nfc normalized or (field in ('sku', 'role') and value is not nfc normalized);
update pim_asset set skus = array(select distinct normalize(sku, NFC) from unnest(skus) sku order by 1)
where exists (select from unnest(skus) sku where sku is not nfc normalized);
delete from pim_unknown_sku u where sku is not nfc normalized
  and exists (select from pim_unknown_sku o where o.handler = u.handler and o.sku = normalize(u.sku, NFC));
update pim_unknown_sku u set sku = normalize(sku, NFC)
where sku is not nfc normalized
  and not exists (select from pim_unknown_sku o
                  where o.handler = u.handler and o.sku < u.sku and o.sku is not nfc normalized and normalize(o.sku, NFC) = normalize(u.sku, NFC));

-- Steps with a text in them were named with its words in alphabetical order. They are named as they are from now on.
update pim_rendition r set name = r.transformation
where r.transformation ~ '(^|[,/])[lu]_(text|subtitles):' and r.name <> r.transformation and length(r.transformation) <= 120
  and position('%' in r.transformation) = 0
  and (select string_agg(c, '' order by c collate "C") from regexp_split_to_table(r.name, '') c)
    = (select string_agg(c, '' order by c collate "C") from regexp_split_to_table(r.transformation, '') c)
  and not exists (select from pim_rendition o where o.asset_id = r.asset_id and o.name = r.transformation);
