import type { Db } from "../database/pool.ts";

/** When the next delivery of an active handler is due, or the next lease expires; null if no delivery is open. */
export async function earliestDue(db: Db): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    `select least(
       (select min(due_at) from earliest_due where handler not in (select handler from paused_handlers)),
       (select min(lease_until) from deliveries where state = 'running' and handler not in (select handler from paused_handlers))
     ) as at`,
  );
  return rows[0]?.at ?? null;
}
