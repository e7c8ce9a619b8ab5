-- Erasure of what was recorded about an asset, and an end for deliveries that nobody settles.

-- One row for each request. What was erased is counted here and named nowhere.
create table erasures (
  id                uuid primary key default gen_random_uuid(),
  who               text not null,
  reason            text not null,
  requested_at      timestamptz not null default now(),
  -- Null: not everything is erased yet; the sweep goes on with it.
  finished_at       timestamptz,
  -- SHA-256, hex, of `<id> <identifier>`: answers "was this erased?" for who knows the identifier.
  identifier_sha256 text not null,
  -- Only until it is finished: what to look for.
  asset_ids         text[] not null default '{}',
  public_ids        text[] not null default '{}',
  notification_id   uuid,
  counts            jsonb not null default '{}'
);
create index erasures_newest on erasures (requested_at desc, id desc);
create index erasures_open on erasures (requested_at) where finished_at is null;

-- The row stays as long as others do: it counts, and a repeat of the same notification finds its identity and brings nothing back.
alter table notifications add column erased_at timestamptz;

alter table operator_acts drop constraint operator_acts_act_check;
alter table operator_acts add constraint operator_acts_act_check check (act ~ '^[a-z][a-z-]{0,39}$');
