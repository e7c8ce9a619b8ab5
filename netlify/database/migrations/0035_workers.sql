-- Workers that take new deliveries, so that a hook starts another one only if none is free.
create table workers (
  id          uuid primary key,
  started_at  timestamptz not null default now(),
  -- Renewed every second; until then, hooks rely on it.
  alive_until timestamptz not null,
  -- Handles as many deliveries as it may at once.
  saturated   boolean not null default false
);
