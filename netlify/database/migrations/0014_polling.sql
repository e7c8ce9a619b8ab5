-- Notifications that were not sent to a hook but fetched from Cloudinary by polling.
-- Wider than before, so no row has to be read for it.
alter table notifications drop constraint notifications_source_check;
alter table notifications add constraint notifications_source_check
  check (source in ('webhook', 'reconcile', 'public', 'poll')) not valid;
