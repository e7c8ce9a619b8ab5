import { jsonb } from "../../../lib/database/jsonb.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { redact } from "../../../lib/shared/redact.ts";

export interface NotedAct {
  who: string;
  act: string;
  /** Optional for actions that do not require a reason. */
  reason: string | undefined;
  notificationId?: string;
  detail: { [key: string]: string | number | boolean | null };
}

/** Records an operator's action before it is performed, so that it is not lost if the response is. Returns its id, for `noteOutcome`. */
export async function noteAct(
  db: Db,
  { who, act, reason, notificationId, detail }: NotedAct,
): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `insert into operator_acts (who, act, notification_id, reason, detail)
     values ($1, $2, $3::uuid, $4, $5::jsonb) returning id::float8 as id`,
    [
      who,
      act,
      notificationId ?? null,
      reason === undefined ? null : redact(reason),
      jsonb({ ...detail, outcome: "asked" }),
    ],
  );
  return rows[0]?.id ?? 0;
}

export async function noteOutcome(db: Db, id: number, outcome: NotedAct["detail"]): Promise<void> {
  await db.query("update operator_acts set detail = detail || $2::jsonb where id = $1::bigint", [
    id,
    jsonb(outcome),
  ]);
}
