import type { Db } from "../lib/database/pool.ts";
import type { Acting } from "../lib/deliveries/operator-acts.ts";
import { redact } from "../lib/shared/redact.ts";

/** Mutes a cause: its changes are not reported. Returns false if the cause is unknown; no effect if it is muted already. */
export async function muteAlert(db: Db, cause: string, { who, reason }: Acting): Promise<boolean> {
  return await change(
    db,
    `with known as (select cause from alert_states where cause = $1), muted as (
       update alert_states set muted_at = now(), muted_by = $2, mute_reason = $3
       where cause = $1 and muted_at is null returning cause, finding
     ), noted as (
       insert into operator_acts (who, act, reason, detail)
       select $2, 'mute', $3, jsonb_build_object('cause', cause, 'what', finding ->> 'what') from muted
     )
     select exists (select from known) as known`,
    [cause, who, redact(reason)],
  );
}

/** Unmutes a cause: if it began or ended meanwhile, the next sweep reports it. Returns false if the cause is unknown. */
export async function unmuteAlert(db: Db, cause: string, { who, reason }: Acting): Promise<boolean> {
  return await change(
    db,
    `with known as (select cause from alert_states where cause = $1), unmuted as (
       update alert_states set muted_at = null, muted_by = null, mute_reason = null
       where cause = $1 and muted_at is not null returning cause, finding
     ), noted as (
       insert into operator_acts (who, act, reason, detail)
       select $2, 'unmute', $3, jsonb_build_object('cause', cause, 'what', finding ->> 'what') from unmuted
     )
     select exists (select from known) as known`,
    [cause, who, redact(reason)],
  );
}

async function change(db: Db, statement: string, params: string[]): Promise<boolean> {
  const { rows } = await db.query<{ known: boolean }>(statement, params);
  return rows[0]?.known ?? false;
}

export interface AlertState {
  cause: string;
  kind: string;
  active: boolean;
  beganAt: Date;
  endedAt: Date | null;
  what: string;
  why: string | null;
  fix: string | null;
  mutedAt: Date | null;
  mutedBy: string | null;
  muteReason: string | null;
  reportedAt: Date | null;
}

/** The causes that last or are muted, then those that ended, newest first. */
export async function listAlerts(db: Db): Promise<AlertState[]> {
  const { rows } = await db.query<AlertState>(
    `select cause, kind, active, began_at as "beganAt", ended_at as "endedAt", coalesce(finding ->> 'what', cause) as what,
            finding ->> 'why' as why, finding ->> 'fix' as fix, muted_at as "mutedAt", muted_by as "mutedBy",
            mute_reason as "muteReason", reported_at as "reportedAt"
     from alert_states order by active desc, muted_at is null, coalesce(ended_at, began_at) desc, cause limit 200`,
  );
  return rows;
}
