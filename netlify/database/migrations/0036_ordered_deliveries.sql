-- Deliveries of a handler whose name ends with .fifo run one at a time for each subject (the asset), in order of receipt.
create index deliveries_ordered on deliveries (handler, subject, created_at, id)
  where state in ('due', 'running') and planned_by is null and subject is not null and handler like '%.fifo';

-- Whether an earlier delivery of the same subject has to end first, or another one is running.
create function is_blocked(d deliveries) returns boolean language sql stable as $$
  select exists (
    select from deliveries e
    where e.handler = d.handler and e.subject = d.subject and e.handler like '%.fifo' and e.planned_by is null and e.id <> d.id
      and (e.state = 'running' or (e.state = 'due' and (e.created_at, e.id) < (d.created_at, d.id))))
$$;

-- A delivery that waits for an earlier one is not overdue, and no worker has to be woken for it.
create or replace view earliest_due as
with recursive names as (
  (select handler from deliveries where state = 'due' order by handler limit 1)
  union all
  select (select d.handler from deliveries d where d.state = 'due' and d.handler > names.handler order by d.handler limit 1)
  from names where names.handler is not null
)
select names.handler, earliest.due_at
from names cross join lateral (
  select d.due_at from deliveries d
  where d.state = 'due' and d.handler = names.handler
    and (d.handler not like '%.fifo' or d.subject is null or d.planned_by is not null or not is_blocked(d))
  order by d.due_at limit 1) earliest;
