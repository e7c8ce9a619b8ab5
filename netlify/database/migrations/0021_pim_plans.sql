-- Plans that do not grow with the catalogue. The views mean what they meant. Conditions with `offset 0` are checked for each row by an
-- index, instead of being joined to whole tables; what every notification asks for is in functions, whose plans a connection keeps.

-- Whether nobody approved the newest version of a visitor's asset, under any of the names that it is kept under.
create function pim_awaits_approval(asset text) returns boolean language plpgsql stable parallel safe set plan_cache_mode = force_generic_plan as $$
begin
  return coalesce((
      select max(v.approved) < max(v.newest)
      from (select asset as asset_id union select s.other_id from pim_namesake s where s.asset_id = asset) same
      join pim_asset_versions v on v.asset_id = same.asset_id), true)
    or position('/' in asset) > 0 and exists (
      select from pim_namesake s
      join pim_asset o on o.asset_id = s.other_id
      join pim_asset_versions v on v.asset_id = asset
      where s.asset_id = asset and (
        exists (
          select from pim_removals d
          where d.asset_id = o.asset_id and d.restored_at is null and d.at > coalesce(o.restored_at, '-infinity')
            and coalesce(
              d.version >= v.newest,
              not exists (select from pim_rendition r where r.asset_id = asset and r.named_at > d.at)))
        or exists (
          select from pim_moderation m
          where m.asset_id = o.asset_id and m.status = 'rejected' and m.version >= v.newest
            -- A person's later word on the same version outranks a machine's.
            and not exists (
              select from pim_moderation h
              where h.asset_id = m.asset_id and h.version = m.version and h.kind = 'manual' and h.status = 'approved' and h.at > m.at))));
end $$;

create or replace view pim_untrusted_asset as
select a.asset_id
from pim_asset a
where a.untrusted and pim_awaits_approval(a.asset_id);

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
        or (o.sku = c.sku and (o.at, o.element) > (c.at, c.element)))))
  offset 0)
  and not exists (select from pim_untrusted_asset u where u.asset_id = c.asset_id offset 0)
  and not exists (select from pim_gated_asset g where g.asset_id = c.asset_id offset 0);

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
        and coalesce(r.version <= d.version, r.named_at <= d.at)
      offset 0)
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


create index pim_claim_lists on pim_claim (asset_id) where is_list;
create index pim_asset_untrusted on pim_asset (asset_id) where untrusted;

-- What the products show of an asset.
create function pim_shown(asset text) returns jsonb language plpgsql stable set plan_cache_mode = force_generic_plan as $$
begin
  return (
    select jsonb_build_object(
      'publicId', a.public_id,
      'skus', array(select s.sku from pim_asset_sku s where s.asset_id = a.asset_id order by 1),
      'pictures', (select count(*) from pim_picture p where p.asset_id = a.asset_id))
    from pim_asset a where a.asset_id = asset);
end $$;

-- The same and what else a notification's report needs; null if the asset is unknown.
create function pim_asset_state(asset text) returns jsonb language plpgsql stable set plan_cache_mode = force_generic_plan as $$
begin
  return (
    select jsonb_build_object(
      'sources', (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'within', within) order by rank), '[]') from pim_source),
      'settings', (select to_jsonb(v) from pim_view_settings v),
      'untrusted', exists (select from pim_untrusted_asset u where u.asset_id = a.asset_id offset 0),
      -- It, or a row that may be the same asset, is not marked as a visitor's upload yet.
      'isVisitorsToo', exists (
        select from pim_namesake s join pim_asset o on o.asset_id = s.other_id
        where s.asset_id = a.asset_id and not (a.untrusted and o.untrusted)),
      'products', array(select s.sku from pim_asset_sku s where s.asset_id = a.asset_id order by 1),
      'gated', exists (select from pim_gated_asset g where g.asset_id = a.asset_id offset 0),
      'claimed', (
        select case when bool_or(c.is_list) then 'sku-list' else 'sku-conflict' end
        from pim_claimed_sku c where c.asset_id = a.asset_id having count(*) > 0),
      -- Every product that it was ever assigned to, and those of the rows that may be the same asset.
      'skus', array(
        select unnest(a.skus) as sku
        union select unnest(o.skus) from pim_namesake s join pim_asset o on o.asset_id = s.other_id where s.asset_id = a.asset_id
        order by 1),
      'pictures', (select count(*) from pim_picture p where p.asset_id = a.asset_id),
      -- Pictures whose signed URL contains an earlier public id.
      'unsigned', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'name', r.name, 'version', r.version, 'signature', r.url_signature, 'transformation', r.url_transformation,
          'versionInUrl', r.version_in_url, 'publicId', r.public_id, 'suffix', r.url_suffix,
          'newPublicId', a.public_id, 'since', a.public_id_at)), '[]')
        from pim_rendition r
        where r.asset_id = a.asset_id and r.url_signature is not null and a.public_id_at > r.named_at and a.public_id <> r.public_id
          and r.resigned_for is distinct from a.public_id))
    from pim_asset a where a.asset_id = asset);
end $$;
