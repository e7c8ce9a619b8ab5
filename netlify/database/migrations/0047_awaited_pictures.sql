-- Assets that got an SKU while no picture of them was known: those that Cloudinary may have to be asked for. The receiver looked for
-- them among all assets, again and again. Only assets with an asset id of Cloudinary's can be asked for.

create table pim_awaited_pictures (
  asset_id  text primary key,
  -- Which are looked at first, if there are many.
  looked_at timestamptz not null default '-infinity'
);
create index pim_awaited_pictures_looked on pim_awaited_pictures (looked_at);

create function pim_await_picture() returns trigger language plpgsql as $$
begin
  if not exists (select from pim_rendition r where r.asset_id = new.asset_id and r.secure_url is not null) then
    insert into pim_awaited_pictures (asset_id) values (new.asset_id) on conflict do nothing;
  end if;
  return null;
end
$$;

-- Runs at the end of the statement, when the renditions that it writes are there.
create trigger pim_claim_await_picture after insert or update of value on pim_claim for each row
  when (new.field = 'sku' and new.value is not null and position('/' in new.asset_id) = 0)
  execute function pim_await_picture();

insert into pim_awaited_pictures (asset_id)
select distinct c.asset_id from pim_claim c join pim_asset a on a.asset_id = c.asset_id
where c.field = 'sku' and c.value is not null and position('/' in c.asset_id) = 0 and a.read_result is null
  and not exists (select from pim_rendition r where r.asset_id = c.asset_id and r.secure_url is not null);
