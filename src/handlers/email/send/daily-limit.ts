import type { Db } from "../../../lib/database/pool.ts";

/** Permission to send one mail; given back when nothing was sent. */
export type Permit = { granted: true; giveBack(): Promise<void> } | { granted: false; until: Date };

export interface PermitOptions {
  /** null: there is no limit. */
  maxPerDay: number | null;
  /** Whose hourly digest it counts as once the day's limit is reached. */
  scope: string;
  /** It has waited for a digest already; only such a mail may be the one of its hour. */
  waited: boolean;
}

// The day's row is counted up under its lock, so the limit is exact. Only when it is full does the hour's row count.
const taking = `
with day as (
  insert into mail_limits as m (scope, period, sent)
  select 'day', date_trunc('day', now() at time zone 'utc') at time zone 'utc', 1 where $1::int > 0
  on conflict (scope, period) do update set sent = m.sent + 1 where m.sent < $1::int
  returning scope, period, sent
), hour as (
  insert into mail_limits as m (scope, period, sent)
  select $2, date_trunc('hour', now()), 1 where $3::boolean and not exists (select from day)
  on conflict (scope, period) do update set sent = 1 where m.sent = 0
  returning scope, period, sent
)
select taken.scope, taken.period, taken.sent,
       (extract(epoch from date_trunc('hour', now()) + interval '1 hour' - now()) * 1000)::float8 as "nextHourMs"
from (values (true)) as always left join (select * from day union all select * from hour) taken on true`;

interface Row {
  scope: string | null;
  period: Date | null;
  sent: number | null;
  nextHourMs: number;
}

/** Counts one mail towards today's limit, or towards its hour's digest when the limit is reached. */
export async function requestPermit(db: Db, { maxPerDay, scope, waited }: PermitOptions): Promise<Permit> {
  if (maxPerDay === null) return { granted: true, giveBack: async () => undefined };
  const { rows } = await db.query<Row>(taking, [maxPerDay, scope, waited]);
  const [row] = rows;
  if (!row) throw new Error("the database counted a mail and returned no row");
  const { scope: counted, period } = row;
  // A second later, so that two clocks that differ a little agree on the hour.
  if (counted === null || period === null)
    return { granted: false, until: new Date(Date.now() + row.nextHourMs + 1_000) };
  if (counted === "day" && row.sent === 1) await forgetPast(db);
  return {
    granted: true,
    async giveBack() {
      await db.query(
        "update mail_limits set sent = sent - 1 where scope = $1 and period = $2::timestamptz and sent > 0",
        [counted, period],
      );
    },
  };
}

async function forgetPast(db: Db): Promise<void> {
  await db.query("delete from mail_limits where period < now() - interval '2 days'");
}
