-- What Cloudinary sends and the schemas do not know: types, fields, and values that they tolerate. Bounded: at most 200 rows of a kind.

create table drift_findings (
  kind  text not null check (kind in ('type', 'field', 'value', 'schema')),
  type  text not null,
  path  text not null,
  -- The form of one value, without its content.
  sample   text not null,
  count    bigint not null default 1,
  first_at timestamptz not null default now(),
  last_at  timestamptz not null default now(),
  -- Of the newest one. It may be deleted by now.
  last_notification_id uuid not null,
  primary key (kind, type, path)
);

-- Up to which notification they are counted. One row.
create table drift_progress (
  only_row boolean primary key default true check (only_row),
  at timestamptz not null,
  id uuid not null
);
insert into drift_progress (at, id) values (now(), '00000000-0000-0000-0000-000000000000');
