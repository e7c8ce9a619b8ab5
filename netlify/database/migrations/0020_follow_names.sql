-- A visitor's asset that is also kept without an asset id, under its name: what is under the name is on no product once the row with
-- the id was deleted, or its version was rejected, whichever came first.
create or replace view pim_untrusted_asset as
select a.asset_id
from pim_asset a
where a.untrusted and (
  coalesce((
    select max(v.approved) < max(v.newest) from pim_asset_versions v
    where v.asset_id = a.asset_id or v.asset_id in (select s.other_id from pim_namesake s where s.asset_id = a.asset_id)), true)
  or position('/' in a.asset_id) > 0 and exists (
    select from pim_namesake s
    join pim_asset o on o.asset_id = s.other_id
    join pim_asset_versions v on v.asset_id = a.asset_id
    where s.asset_id = a.asset_id and (
      exists (
        select from pim_removals d
        where d.asset_id = o.asset_id and d.restored_at is null and d.at > coalesce(o.restored_at, '-infinity')
          and coalesce(
            d.version >= v.newest,
            not exists (select from pim_rendition r where r.asset_id = a.asset_id and r.named_at > d.at)))
      or exists (
        select from pim_moderation m
        where m.asset_id = o.asset_id and m.status = 'rejected' and m.version >= v.newest
          -- A person's later word on the same version outranks a machine's.
          and not exists (
            select from pim_moderation h
            where h.asset_id = m.asset_id and h.version = m.version and h.kind = 'manual' and h.status = 'approved' and h.at > m.at)))));
