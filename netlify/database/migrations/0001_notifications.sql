-- What came in, what is to be done about it, and what was tried.

create table notifications (
  id             uuid primary key default gen_random_uuid(),
  -- SHA-256, hex: of the body when it names its instant, else of body and X-Cld-Timestamp.
  identity       text not null unique,
  body_sha256    text not null,
  -- As the body spells it; `custom` without a notification_type, `unreadable` when it is not a JSON object.
  type           text not null,
  asset_id       text,
  public_id      text,
  version        bigint,
  request_id     text,
  source         text not null default 'webhook' check (source in ('webhook', 'reconcile')),
  -- The path that received it, when that path is meant for other types.
  unexpected_for text,
  received_at    timestamptz not null default now(),
  signed_at      timestamptz,
  body           bytea not null,
  headers        jsonb not null default '{}',
  secret_name    text,
  algorithm      text,
  -- Counts every arrival, the first included.
  times_seen     integer not null default 1,
  last_seen_at   timestamptz not null default now()
);
create index notifications_received on notifications (received_at desc, id desc);
create index notifications_asset on notifications (asset_id, version desc) where asset_id is not null;

-- For bodies that name several assets.
create table notification_asset (
  notification_id uuid not null references notifications on delete cascade,
  asset_id        text,
  public_id       text,
  version         bigint
);
create index notification_asset_notification on notification_asset (notification_id);
create index notification_asset_asset on notification_asset (asset_id, version desc) where asset_id is not null;

create table deliveries (
  id              uuid primary key default gen_random_uuid(),
  notification_id uuid not null references notifications on delete cascade,
  handler         text not null,
  -- What it is about where it was planned by another delivery (an SKU), or what it is gathered by (a digest).
  subject         text,
  -- The delivery whose settle planned this one.
  planned_by      uuid,
  state           text not null default 'due' check (state in ('due', 'running', 'done', 'skipped', 'held', 'dead')),
  -- Claims so far; settle names the number, so that a worker that lost its lease changes nothing.
  attempts        integer not null default 0,
  -- Claims that ended in `wait` and do not count against the retry schedule.
  waits           integer not null default 0,
  due_at          timestamptz not null default now(),
  lease_until     timestamptz,
  worker          uuid,
  -- Set right before an effect that cannot be asked for afterwards.
  sending_at      timestamptz,
  last_error      text,
  result          jsonb,
  progress        jsonb,
  created_at      timestamptz not null default now(),
  settled_at      timestamptz
);
-- Claiming costs the same whatever the history, the backlog and the number of leases that ran out.
create index deliveries_due on deliveries (due_at) where state = 'due';
create index deliveries_running on deliveries (lease_until) where state = 'running';
-- What is planned by another delivery pushes the newest state, so one due row stands for any number.
create unique index deliveries_follow on deliveries (handler, subject) where state = 'due' and planned_by is not null;
create index deliveries_subject on deliveries (handler, subject, due_at) where state in ('due', 'running') and subject is not null;
create index deliveries_notification on deliveries (notification_id);
create index deliveries_stuck on deliveries (state, settled_at) where state in ('held', 'dead');

create table attempts (
  delivery_id uuid not null references deliveries on delete cascade,
  number      integer not null,
  started_at  timestamptz not null default now(),
  ended_at    timestamptz,
  -- The state that settle wrote, `retry` or `wait`; `lost` when the lease ran out.
  outcome     text,
  error       text,
  primary key (delivery_id, number)
);

-- One row: a burst of notifications gives one nudge a second.
create table pulse (
  one_row boolean primary key default true check (one_row),
  at   timestamptz not null default 'epoch'
);
insert into pulse default values;

create table paused_handlers (
  handler   text primary key,
  paused_at timestamptz not null default now(),
  paused_by text not null,
  reason    text
);

-- Requests that were refused, counted by hour; a few samples without bodies.
create table refusals (
  reason  text not null,
  hour    timestamptz not null,
  count   bigint not null,
  samples jsonb not null default '[]',
  last_at timestamptz not null default now(),
  primary key (reason, hour)
);

-- Which decision was carried out, once, whichever notification brought it. Kept without end.
create table moderation_decision (
  asset_id       text not null,
  version        bigint not null,
  kind           text not null,
  status         text not null,
  decided_at     timestamptz not null,
  action         text not null,
  delivery_id    uuid,
  carried_out_at timestamptz,
  primary key (asset_id, version, kind, status, decided_at)
);

-- When the receiver first started: reconcile looks no further back by itself.
create table first_start (
  one_row boolean primary key default true check (one_row),
  at   timestamptz not null default now()
);
insert into first_start default values;
