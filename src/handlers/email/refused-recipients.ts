import { jsonb } from "../../lib/database/jsonb.ts";
import type { Db } from "../../lib/database/pool.ts";
import { errorText, log } from "../../lib/shared/log.ts";

/** A recipient that a request to SendGrid named as invalid. */
export interface RefusedRecipient {
  /** A hash of the address (`recipientKey`). */
  key: string;
  /** Masked. */
  recipient: string;
  reason: string;
}

/** Notes the recipients that SendGrid rejected, for Health and for one alert about each. Never throws: the mail to the others is sent. */
export async function noteRefused(db: Db, refused: readonly RefusedRecipient[]): Promise<void> {
  if (refused.length === 0) return;
  try {
    await db.query(
      `insert into refused_recipients as r (key, recipient, cause, reason)
       select distinct on (key) key, recipient, 'rejected', reason
       from jsonb_to_recordset($1::jsonb) as f (key text, recipient text, reason text)
       on conflict (key) do update set cause = 'rejected', reason = excluded.reason, times = r.times + 1, last_at = now()`,
      [jsonb(refused.map((entry) => ({ ...entry })))],
    );
  } catch (error) {
    log("warn", "rejected recipients not noted", { error: errorText(error), recipients: refused.length });
  }
}

export interface UnreachableRecipient extends RefusedRecipient {
  cause: "rejected" | "bounced" | "dropped" | "spam";
  times: number;
  lastAt: Date;
}

/** The deliveries among which a later accepted mail is looked for. */
const recent = 200;

/** Those that no later mail reached; of the addresses with these keys, because others are no longer configured. */
export async function unreachable(db: Db, configured: readonly string[]): Promise<UnreachableRecipient[]> {
  if (configured.length === 0) return [];
  const { rows } = await db.query<UnreachableRecipient>(
    `select r.key, r.recipient, r.cause, r.reason, r.times, r.last_at as "lastAt"
     from refused_recipients r
     where r.key = any ($1::text[]) and (r.cause <> 'rejected' or not exists (
       select from (
         select progress, settled_at from deliveries where handler = 'email' and created_at > r.last_at - interval '1 day'
         order by created_at desc, id desc limit ${recent}) later
       where later.settled_at > r.last_at and later.progress -> 'accepted' @> jsonb_build_array(jsonb_build_object('key', r.key))))
     order by r.last_at desc limit 50`,
    [configured],
  );
  return rows;
}
