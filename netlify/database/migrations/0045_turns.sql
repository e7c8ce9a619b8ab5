-- Deliveries that wait for an earlier one of the same subject (`.fifo`) cost a claim nothing, however many there are: a worker that
-- finds one sets its `due_at` to infinity, and the next one is due when the one in front has new.

create function next_turn() returns trigger language plpgsql as $$
begin
  update deliveries set due_at = now()
  where due_at = 'infinity' and state = 'due' and id = (
    select e.id from deliveries e
    where e.handler = new.handler and e.subject = new.subject and e.handler like '%.fifo' and e.planned_by is null and e.state = 'due'
    order by e.created_at, e.id limit 1);
  return null;
end
$$;

create trigger deliveries_next_turn after update of state on deliveries for each row
  when (new.handler like '%.fifo' and new.subject is not null and new.planned_by is null and new.state <> 'running' and new.state <> old.state)
  execute function next_turn();

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
  where d.state = 'due' and d.handler = names.handler and d.due_at < 'infinity'
    and (d.handler not like '%.fifo' or d.subject is null or d.planned_by is not null or not is_blocked(d))
  order by d.due_at limit 1) earliest;
