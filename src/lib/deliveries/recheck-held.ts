import type { Db } from "../database/pool.ts";

/** Makes held deliveries due again, without an operator's release, because what they wait for has been decided elsewhere. */
export async function recheckHeld(db: Db, deliveryIds: readonly string[]): Promise<void> {
  await db.query(
    `update deliveries set state = 'due', due_at = now(), waits = attempts, settled_at = null
     where id = any ($1::uuid[]) and state = 'held'`,
    [deliveryIds],
  );
}
