-- What operators look for, and what they did.

-- Who did what to which delivery, when and why. Rows outlive what they speak of.
create table operator_acts (
  id              bigint generated always as identity primary key,
  at              timestamptz not null default now(),
  who             text not null,
  act             text not null check (act in ('replay', 'release', 'discard', 'pause', 'resume', 'approve', 'reject')),
  notification_id uuid,
  delivery_id     uuid,
  handler         text,
  reason          text,
  -- What was there before, such as the state and the error of the delivery.
  detail          jsonb
);
create index operator_acts_newest on operator_acts (id desc);
create index operator_acts_notification on operator_acts (notification_id) where notification_id is not null;

-- When something that should happen again and again happened last: `sweep`, `reconcile`.
create table heartbeats (
  name text primary key,
  at   timestamptz not null default now()
);

-- Search. By asset there is an index already.
create index notifications_type on notifications (type, received_at desc);
create index notifications_public_id on notifications (public_id text_pattern_ops, received_at desc);
create index notifications_request on notifications (request_id) where request_id is not null;
create index notification_asset_public_id on notification_asset (public_id text_pattern_ops);

-- The attempts of the last day, for next to nothing at each write: rows come in the order of time.
create index attempts_started on attempts using brin (started_at) with (pages_per_range = 16);

-- The cause of an error without what differs from one delivery to the next: ids, long numbers, what stands in quotes.
create function error_cause(error text) returns text language sql immutable parallel safe as $$
  select regexp_replace(regexp_replace(regexp_replace(left(coalesce(error, 'unknown'), 160),
    '"[^"]*"?', '"…"', 'g'), '[0-9a-f]{8}-[0-9a-f-]{20,}|[0-9a-f]{16,}', '…', 'gi'), '\d{4,}', '…', 'g')
$$;

-- The board: what waits for a decision. A look at it marks what was answered since, so that the next look costs no more for it.
alter table moderation_decision add column answered boolean not null default false;
create index moderation_decision_pending on moderation_decision (noted_at desc) where status = 'pending' and not answered;

-- The e-mails, newest first.
create index deliveries_mails on deliveries (created_at desc, id desc) where handler = 'email';
