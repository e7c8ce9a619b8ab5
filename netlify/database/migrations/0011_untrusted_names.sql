-- Notifications without an asset id are kept under `resource_type/type/public_id`, beside the asset with its id. What a visitor
-- uploaded is untrusted under both.

-- Every public id that an asset was ever known by.
create table pim_asset_names (
  asset_id  text not null,
  public_id text not null,
  primary key (asset_id, public_id)
);
create index pim_asset_names_public_id on pim_asset_names (public_id);
insert into pim_asset_names select asset_id, public_id from pim_asset where public_id is not null;

-- Kinds of moderation whose approval lets a visitor's upload onto a product. Kept equal to the settings by the handler.
alter table pim_view_settings add column trusted_kinds text[] not null default '{manual}';

-- Rows that may be the same asset, at least one of them a visitor's: they have had the same name, and one of the two has no asset id.
create view pim_namesake as
select n.asset_id, o.asset_id as other_id
from pim_asset_names n
join pim_asset a on a.asset_id = n.asset_id
join pim_asset_names o on o.public_id = n.public_id and o.asset_id <> n.asset_id
join pim_asset v on v.asset_id = o.asset_id
where (a.untrusted or v.untrusted) and (position('/' in n.asset_id) > 0 or position('/' in o.asset_id) > 0)
  and coalesce(v.resource_type = a.resource_type, true);

-- Versions that moderation approved: a person did, or a trusted kind while no other kind says otherwise.
create or replace view pim_approved_version as
select m.asset_id, m.version
from pim_moderation m
where m.status = 'approved' and array_position((select trusted_kinds from pim_view_settings), m.kind) is not null
  and (m.kind = 'manual' or not exists (
    select from pim_moderation o where o.asset_id = m.asset_id and o.version = m.version and o.status <> 'approved'));

create view pim_asset_versions as
select a.asset_id,
       greatest(a.version, (select max(r.version) from pim_rendition r where r.asset_id = a.asset_id and r.version_in_url), 0) as newest,
       greatest(a.trusted_version, (select max(v.version) from pim_approved_version v where v.asset_id = a.asset_id)) as approved
from pim_asset a;

-- Assets of visitors whose newest version nobody approved; where it may be several rows, under any of its names.
create or replace view pim_untrusted_asset as
select a.asset_id
from pim_asset a
where a.untrusted and coalesce((
  select max(v.approved) < max(v.newest) from pim_asset_versions v
  where v.asset_id = a.asset_id or v.asset_id in (select s.other_id from pim_namesake s where s.asset_id = a.asset_id)), true);

-- The handler keeps this so from now on.
update pim_asset a set untrusted = true
where not untrusted and exists (select from pim_namesake s where s.asset_id = a.asset_id);
