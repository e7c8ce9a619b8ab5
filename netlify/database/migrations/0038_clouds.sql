-- Several clouds (product environments). The ids of assets of all but the first have the cloud's name and a colon in front, in every
-- table, so that nothing that one cloud signs is about an asset of another one (src/lib/shared/asset-prefix.ts).

-- That prefix, such as `campaigns:`; '' for the first cloud, and for everything recorded before. Stored, so that a body is always read in the same way.
alter table notifications add column asset_prefix text not null default '';

-- An erasure is about the assets of one cloud: another one can have the same public ids.
alter table erasures add column asset_prefix text not null default '';

-- Where reconcile stopped in the clouds other than the first, whose position stays in reconcile_position.
create table reconcile_positions (
  asset_prefix  text primary key,
  -- Nothing before it was sent to this receiver.
  started_at    timestamptz not null default now(),
  stage         text,
  cursor        text,
  uploads_until timestamptz,
  missed        integer,
  ended_at      timestamptz
);

-- The same public id in two clouds is not the same asset.
create or replace view pim_namesake as
select n.asset_id, o.asset_id as other_id
from pim_asset_names n
join pim_asset a on a.asset_id = n.asset_id
join pim_asset_names o on o.public_id = n.public_id and o.asset_id <> n.asset_id
join pim_asset v on v.asset_id = o.asset_id
where (a.untrusted or v.untrusted) and (position('/' in n.asset_id) > 0 or position('/' in o.asset_id) > 0)
  and coalesce(v.resource_type = a.resource_type, true)
  and coalesce(substring(n.asset_id from '^[A-Za-z0-9_-]*:'), '') = coalesce(substring(o.asset_id from '^[A-Za-z0-9_-]*:'), '');
