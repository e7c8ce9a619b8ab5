-- What the signature of a notification vouches for, and whether strangers can have caused it.

alter table notifications
  -- The cloud of the secret that verified it; null: not known (recorded before this column, or no cloud is configured).
  add column cloud text,
  -- True once any arrival came by POST /webhooks/public, the hook for uploads by visitors, even if the first one did not.
  -- `source` keeps saying how the first one came.
  add column by_public_hook boolean not null default false;

-- Wider than before, so no row has to be read for it.
alter table notifications drop constraint notifications_source_check;
alter table notifications add constraint notifications_source_check
  check (source in ('webhook', 'reconcile', 'public')) not valid;
