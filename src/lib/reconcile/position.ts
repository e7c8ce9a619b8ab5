import type { Db } from "../database/pool.ts";

/** The position at which the last run stopped. */
export interface Position {
  /** When the receiver first started: earlier notifications were not sent to it. */
  firstStart: Date;
  /** The stage to continue with; null: start from the beginning. */
  stage: string | null;
  cursor: string | null;
  uploadsUntil: Date | null;
}

export async function readPosition(db: Db): Promise<Position> {
  const { rows } = await db.query<Position>(
    `select f.at as "firstStart", p.stage, p.cursor, p.uploads_until as "uploadsUntil" from reconcile_position p, first_start f`,
  );
  const [position] = rows;
  if (!position) throw new Error("the tables reconcile_position and first_start must each have one row");
  return position;
}

/** Written after each page, because the platform can end the function at any time. */
export async function keepPosition(
  db: Db,
  at: { stage: string | null; cursor: string | null; uploadsUntil?: Date | null },
): Promise<void> {
  await db.query(
    "update reconcile_position set stage = $1, cursor = $2, uploads_until = coalesce($3::timestamptz, uploads_until)",
    [at.stage, at.cursor, at.uploadsUntil ?? null],
  );
}

export async function keepResult(db: Db, missed: number): Promise<void> {
  await db.query(
    `with beat as (insert into heartbeats (name, at) values ('reconcile', now()) on conflict (name) do update set at = now())
     update reconcile_position set missed = $1::int, ended_at = now()`,
    [missed],
  );
}
