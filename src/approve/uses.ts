import type { Db } from "../lib/database/pool.ts";

export type Decision = "approved" | "rejected";

export interface LinkUse {
  decision: Decision;
  claimedAt: Date;
  /** null: the decision is being made. */
  outcome: string | null;
}

/** null if the link was not used yet. */
export async function recordedUse(db: Db, id: string): Promise<LinkUse | null> {
  const { rows } = await db.query<LinkUse>(
    `select decision, claimed_at as "claimedAt", outcome from approve_links
     where id = $1 and (outcome is distinct from 'failed') and (outcome is not null or claimed_at > now() - interval '1 minute')`,
    [id],
  );
  return rows[0] ?? null;
}

/** Claims a link for a decision. False if it was used, or is being used. A use that was lost with its function can be repeated after a minute. */
export async function claimLink(db: Db, id: string, decision: Decision): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into approve_links as l (id, decision) values ($1, $2)
     on conflict (id) do update set decision = excluded.decision, claimed_at = now(), outcome = null
     where l.outcome = 'failed' or (l.outcome is null and l.claimed_at <= now() - interval '1 minute')`,
    [id, decision],
  );
  return rowCount === 1;
}

export async function settleLink(db: Db, id: string, outcome: string): Promise<void> {
  await db.query("update approve_links set outcome = $2 where id = $1", [id, outcome]);
}

/** Deletes uses of links that have expired. */
export async function forgetLinks(db: Db, validMs: number): Promise<void> {
  await db.query(
    "delete from approve_links where claimed_at < now() - ($1::bigint * interval '1 ms') - interval '1 day'",
    [validMs],
  );
}
