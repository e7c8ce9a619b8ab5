import type { Db } from "../database/pool.ts";

/** Due deliveries that are checked with one statement, once some of them were found to wait. */
const most = 2_000;
/** A statement each; the next claim goes on. */
const maxLooks = 50;

/** The deliveries of these handlers run one at a time for each subject, in order of receipt. */
const isOrdered = (handler: string) => handler.endsWith(".fifo");

// A delivery is set aside only while the one in front is locked and open: whoever ends that one afterwards finds this one and makes
// it due (the trigger `deliveries_next_turn`). Rows that others hold are left for the next time, so nobody waits for this statement.
const statement = `
with first as materialized (
  select due.id from unnest($1::text[]) as h (handler) cross join lateral (
    select d.id, d.subject, d.planned_by from deliveries d
    where d.state = 'due' and d.handler = h.handler and d.due_at <= now() order by d.due_at limit $2::int) due
  where due.subject is not null and due.planned_by is null
), waiting as materialized (
  select d.id from first join deliveries d using (id) cross join lateral (
    select e.id from deliveries e
    where e.handler = d.handler and e.subject = d.subject and e.handler like '%.fifo' and e.planned_by is null and e.id <> d.id
      and (e.state = 'running' or (e.state = 'due' and (e.created_at, e.id) < (d.created_at, d.id)))
    limit 1 for share skip locked) front
  where d.state = 'due' and d.due_at <= now()
  for update of d skip locked
)
update deliveries d set due_at = 'infinity' from waiting where d.id = waiting.id`;

/** Sets aside due deliveries that have to wait for an earlier one of the same subject, so that a claim of `limit` does not read them. */
export async function waitForTurn(db: Db, handlers: readonly string[], limit: number): Promise<void> {
  const ordered = handlers.filter(isOrdered);
  if (ordered.length === 0) return;
  for (let look = 0; look < maxLooks; look += 1) {
    const { rowCount } = await db.query(statement, [ordered, look === 0 ? limit : most]);
    if (rowCount === 0) return;
  }
}

// The first delivery of each subject, by one look into the index for each subject.
const firsts = `
with recursive firsts as (
  (select handler, subject, id, due_at from deliveries
   where state in ('due', 'running') and planned_by is null and subject is not null and handler like '%.fifo'
   order by handler, subject, created_at, id limit 1)
  union all
  select following.* from firsts cross join lateral (
    select d.handler, d.subject, d.id, d.due_at from deliveries d
    where d.state in ('due', 'running') and d.planned_by is null and d.subject is not null and d.handler like '%.fifo'
      and (d.handler, d.subject) > (firsts.handler, firsts.subject)
    order by d.handler, d.subject, d.created_at, d.id limit 1) following
), looked as (
  select * from firsts limit $1::int
)
update deliveries d set due_at = now() from looked
where looked.due_at = 'infinity' and d.id = looked.id and d.state = 'due' and d.due_at = 'infinity'`;

/** Subjects that one sweep looks at. */
const maxSubjects = 10_000;

/** Makes the first delivery of each subject due, where somebody deleted the one that it waited for. */
export async function releaseFirsts(db: Db): Promise<void> {
  await db.query(firsts, [maxSubjects]);
}
