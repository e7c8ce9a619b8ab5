-- Both names of assets that were renamed before: new notifications are recorded with them. Bodies are valid UTF-8 JSON here; a name
-- that is spelled with escapes is left out.
insert into notification_asset (notification_id, asset_id, public_id)
select n.id, n.asset_id, name.public_id
from notifications n
cross join lateral (values
  (substring(convert_from(n.body, 'UTF8') from '"from_public_id"\s*:\s*"([^"\\]+)"')),
  (n.public_id)) as name (public_id)
where n.type = 'rename' and n.erased_at is null and name.public_id is not null
  and not exists (select from notification_asset a where a.notification_id = n.id);
