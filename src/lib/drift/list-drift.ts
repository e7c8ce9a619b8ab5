import type { Db } from "../database/pool.ts";
import type { Drift } from "./find-drift.ts";

export interface CountedDrift extends Drift {
  /** The number of notifications. */
  count: number;
  firstAt: Date;
  lastAt: Date;
  /** The newest notification that has it; may be deleted by now. */
  notificationId: string;
}

/** The newest first. */
export async function listDrift(db: Db): Promise<CountedDrift[]> {
  const { rows } = await db.query<CountedDrift>(
    `select kind, type, path, sample, count::float8 as count, first_at as "firstAt", last_at as "lastAt",
            last_notification_id as "notificationId"
     from drift_findings order by first_at desc, kind, type, path`,
  );
  return rows;
}
