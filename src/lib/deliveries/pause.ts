import type { Db } from "../database/pool.ts";
import { redact } from "../shared/redact.ts";
import type { Acting } from "./operator-acts.ts";

/** Pauses a handler: its deliveries stay due until it is resumed. No effect if it is already paused. */
export async function pauseHandler(db: Db, name: string, { who, reason }: Acting): Promise<void> {
  await db.query(
    `with paused as (
       insert into paused_handlers (handler, paused_by, reason) values ($1, $2, $3) on conflict do nothing returning handler
     )
     insert into operator_acts (who, act, handler, reason) select $2, 'pause', handler, $3 from paused`,
    [name, who, redact(reason)],
  );
}

/** Resumes a handler: its deliveries can be claimed again. */
export async function resumeHandler(db: Db, name: string, { who, reason }: Acting): Promise<void> {
  await db.query(
    `with resumed as (delete from paused_handlers where handler = $1 returning handler)
     insert into operator_acts (who, act, handler, reason) select $2, 'resume', handler, $3 from resumed`,
    [name, who, redact(reason)],
  );
}

/** Pauses a handler automatically, because its target accepts no more requests. The audit log has no entry, because no operator did it. */
export async function pauseItself(db: Db, name: string, reason: string): Promise<void> {
  await db.query(
    "insert into paused_handlers (handler, paused_by, reason) values ($1, $1, $2) on conflict do nothing",
    [name, reason],
  );
}
