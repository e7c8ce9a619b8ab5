-- Notifications that name more assets than are written in the statement that records them. A worker writes them to notification_asset
-- in batches, before it claims further deliveries.
create table unlisted_notifications (
  notification_id uuid primary key references notifications on delete cascade,
  -- So many of its assets are in notification_asset.
  listed          integer not null default 0,
  noted_at        timestamptz not null default now()
);
