-- What the worker and the sweep read costs the same with a large backlog of a paused handler, and with a long history.

-- Claims read the due deliveries of each active handler, and none of the paused ones. It takes the place of the index by time alone.
create index deliveries_due_handler on deliveries (handler, due_at) where state = 'due';
drop index deliveries_due;

-- The earliest due delivery of each handler, found by one look into the index for each handler.
create view earliest_due as
with recursive names as (
  (select handler from deliveries where state = 'due' order by handler limit 1)
  union all
  select (select d.handler from deliveries d where d.state = 'due' and d.handler > names.handler order by d.handler limit 1)
  from names where names.handler is not null
)
select names.handler, earliest.due_at
from names cross join lateral (
  select d.due_at from deliveries d where d.state = 'due' and d.handler = names.handler order by d.due_at limit 1) earliest;

-- How far retention has looked: each pass goes on where the one before ended, and begins again at the end, so that old dead letters,
-- which stay, are not read each time.
create table retention_marks (
  one_row     boolean primary key default true check (one_row),
  received_at timestamptz not null default '-infinity',
  id          uuid not null default '00000000-0000-0000-0000-000000000000'
);
insert into retention_marks default values;
