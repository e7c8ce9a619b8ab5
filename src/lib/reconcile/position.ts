import type { Db } from "../database/pool.ts";

/** The position at which the last run stopped. */
export interface Position {
  /** When the receiver first started, or first had this cloud's account: earlier notifications were not sent to it. */
  firstStart: Date;
  /** The stage to continue with; null: start from the beginning. */
  stage: string | null;
  cursor: string | null;
  uploadsUntil: Date | null;
}

interface Statements {
  read: string;
  keep: string;
  result: string;
}

const beat =
  "with beat as (insert into heartbeats (name, at) values ('reconcile', now()) on conflict (name) do update set at = now())";

/** The first cloud has a table of its own, which has one row. */
const ofFirst: Statements = {
  read: `select f.at as "firstStart", p.stage, p.cursor, p.uploads_until as "uploadsUntil" from reconcile_position p, first_start f`,
  keep: "update reconcile_position set stage = $1, cursor = $2, uploads_until = coalesce($3::timestamptz, uploads_until)",
  result: `${beat} update reconcile_position set missed = $1::int, ended_at = now()`,
};

const ofOther: Statements = {
  read: `insert into reconcile_positions as p (asset_prefix) values ($1)
    on conflict (asset_prefix) do update set started_at = p.started_at
    returning started_at as "firstStart", stage, cursor, uploads_until as "uploadsUntil"`,
  keep: `update reconcile_positions set stage = $1, cursor = $2, uploads_until = coalesce($3::timestamptz, uploads_until)
    where asset_prefix = $4`,
  result: `${beat} update reconcile_positions set missed = $1::int, ended_at = now() where asset_prefix = $2`,
};

/** The statements for a cloud, and the parameter that they end with. */
const of = (assetPrefix: string): [Statements, string[]] =>
  assetPrefix === "" ? [ofFirst, []] : [ofOther, [assetPrefix]];

export async function readPosition(db: Db, assetPrefix: string): Promise<Position> {
  const [{ read }, cloud] = of(assetPrefix);
  const { rows } = await db.query<Position>(read, cloud);
  const [position] = rows;
  if (!position) throw new Error("the tables reconcile_position and first_start must each have one row");
  return position;
}

/** Written after each page, because the platform can end the function at any time. */
export async function keepPosition(
  db: Db,
  assetPrefix: string,
  at: { stage: string | null; cursor: string | null; uploadsUntil?: Date | null },
): Promise<void> {
  const [{ keep }, cloud] = of(assetPrefix);
  await db.query(keep, [at.stage, at.cursor, at.uploadsUntil ?? null, ...cloud]);
}

export async function keepResult(db: Db, assetPrefix: string, missed: number): Promise<void> {
  const [{ result }, cloud] = of(assetPrefix);
  await db.query(result, [missed, ...cloud]);
}
