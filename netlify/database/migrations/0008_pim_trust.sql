-- What visitors upload claims no product until it is approved, what waits for moderation is on no product, and what a notification
-- removed can be restored. Rows from before keep their meaning.

-- Null: the source speaks for every asset. Else only for assets in one of these folders, or below.
alter table pim_source add column within text[];

-- One row, kept equal to the settings by the handler.
create table pim_view_settings (
  one_row      boolean primary key default true check (one_row),
  show_pending boolean not null default false
);
insert into pim_view_settings default values;

alter table pim_asset
  -- A visitor uploaded it: received on /webhooks/public, or in a folder of `pim.untrusted`. Never unset.
  add column untrusted       boolean not null default false,
  -- An operator trusts it up to this version.
  add column trusted_version bigint,
  -- An operator forgot what was known; what was received before says nothing any more.
  add column reset_at        timestamptz;

-- What each delete notification removed. `deleted_version`, `erased_at` and `deleted_at` of `pim_asset` hold deletes from before this table.
create table pim_removals (
  asset_id        text not null,
  notification_id uuid not null,
  -- Versions up to this one; null: what is older than `at`.
  version         bigint,
  at              timestamptz not null,
  -- How many pictures it took from products.
  pictures        integer not null default 0,
  removed_at      timestamptz not null default now(),
  -- An operator took it back.
  restored_at     timestamptz,
  primary key (asset_id, notification_id)
);
create index pim_removals_notification on pim_removals (notification_id);
create index pim_removals_recent on pim_removals (removed_at) where pictures > 0;

-- The constraint named each act. The names are the code's; a list here would have to change with each of them.
alter table operator_acts drop constraint operator_acts_act_check;
alter table operator_acts add constraint operator_acts_act_check check (act ~ '^[a-z][a-z-]{0,39}$');

create function pim_in_folders(folders text[], folder text) returns boolean language sql immutable parallel safe as $$
  select exists (select from unnest(folders) as f (folder) where $2 = f.folder or starts_with($2, f.folder || '/'))
$$;

-- What the sources say, each only for the assets it may speak for. The asset folder counts, and without one the folders of the public id.
create view pim_allowed_claim as
select c.asset_id, c.field, c.source, c.element, c.value, c.at, s.rank
from pim_claim c
join pim_source s on s.name = c.source
where s.within is null or exists (
  select from pim_asset a
  where a.asset_id = c.asset_id
    and pim_in_folders(s.within, coalesce(nullif(a.asset_folder, ''), substring(a.public_id from '^(.*)/'))));

create or replace view pim_claimed_sku as
select c.asset_id, c.value as sku, c.source, c.rank, c.at
from pim_allowed_claim c
where c.field = 'sku' and c.value is not null
  and (c.element = '' or not exists (
    select from pim_claim w
    where w.asset_id = c.asset_id and w.field = 'sku' and w.source = c.source and w.element = '' and w.at > c.at));

-- Versions that moderation approved: a person did, or every kind of moderation that looks at them.
create view pim_approved_version as
select m.asset_id, m.version
from pim_moderation m
where m.status = 'approved'
  and (m.kind = 'manual' or not exists (
    select from pim_moderation o where o.asset_id = m.asset_id and o.version = m.version and o.status <> 'approved'));

-- Assets of visitors whose newest version nobody approved.
create view pim_untrusted_asset as
select a.asset_id
from pim_asset a
where a.untrusted and coalesce(
  greatest(a.trusted_version, (select max(v.version) from pim_approved_version v where v.asset_id = a.asset_id))
    < greatest(a.version, (select max(r.version) from pim_rendition r where r.asset_id = a.asset_id and r.version_in_url), 0), true);

create or replace view pim_asset_sku as
select c.asset_id, c.sku, c.source, c.at
from pim_claimed_sku c
where not exists (
  select from pim_claimed_sku o
  where o.asset_id = c.asset_id and (o.rank < c.rank or (o.rank = c.rank and o.sku <> c.sku)))
  and not exists (select from pim_untrusted_asset u where u.asset_id = c.asset_id);

create or replace view pim_picture as
select p.asset_id, p.public_id, p.resource_type, p.delivery_type, p.rendition, p.version, p.event_at, p.secure_url,
       p.width, p.height, p.bytes, p.format, p.superseded, p.transformation
from (
  select a.asset_id, now_named.public_id, a.resource_type, now_named.type as delivery_type, r.name as rendition,
         r.version, r.event_at, r.width, r.height, r.bytes, r.format, r.transformation,
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

create or replace view pim_product_image as
select s.sku,
       coalesce((select c.value from pim_allowed_claim c
                 where c.asset_id = s.asset_id and c.field = 'role' and c.value is not null order by c.rank limit 1), 'gallery') as role,
       (select c.value::integer from pim_allowed_claim c
        where c.asset_id = s.asset_id and c.field = 'position' and c.value is not null order by c.rank limit 1) as position,
       p.rendition, p.asset_id, p.public_id, p.version, p.event_at, p.width, p.height, p.format, p.secure_url,
       (select c.value from pim_allowed_claim c
        where c.asset_id = s.asset_id and c.field = 'alt' and c.value is not null order by c.rank limit 1) as alt_text,
       p.bytes, p.resource_type, p.delivery_type, p.transformation, p.superseded, s.source as sku_source
from pim_asset_sku s
join pim_picture p on p.asset_id = s.asset_id;
