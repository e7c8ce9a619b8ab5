-- A decision is carried out by one delivery at a time, and deletions by no more than so many an hour.

-- Every decision that arrived has a row; `action` is `none` until one was chosen for it.
alter table moderation_decision
  add column noted_at timestamptz not null default now(),
  -- The delivery that is at it has until then; after that another may take over.
  add column carrying_until timestamptz,
  -- Which call did it: `explicit`, `update`, `rename`, `destroy`; `already` when it was found done.
  add column method text;
create index moderation_decision_deletions on moderation_decision (carried_out_at) where action = 'delete';
create index moderation_decision_noted on moderation_decision (noted_at desc);

-- One row. Raised with each deletion that is begun, so that two at the same moment cannot both be the last one allowed.
create table moderation_gate (
  one_row boolean primary key default true check (one_row),
  begun   bigint not null default 0
);
insert into moderation_gate default values;

-- One row: where `reconcile` stopped, and what it found.
create table reconcile_position (
  one_row       boolean primary key default true check (one_row),
  -- What to go on with (`kind/resource type/status`, or `uploads`), and Cloudinary's cursor in it.
  stage         text,
  cursor        text,
  -- Uploads before this were looked for.
  uploads_until timestamptz,
  -- How many notifications the last run found missing.
  missed        integer,
  ended_at      timestamptz
);
insert into reconcile_position default values;
