import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { ofOnlyRow } from "../database/sql.ts";
import { ceiling } from "../shared/ceiling.ts";
import { errorText, log } from "../shared/log.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import { type Drift, findDrift } from "./find-drift.ts";

const batch = 200;
/** Larger bodies are not looked at. */
const maxBodyBytes = 256 * 1_024;
/** A hook's statement sets `received_at` when it starts, so rows can become visible out of order for this long. */
const settleMs = 15_000;
/** Of each kind, so that nobody who can sign fills the table, or hides one kind by another. */
const maxRows = 200;

interface Row {
  id: string;
  at: string;
  fromAt: string;
  fromId: string;
  receivedAt: Date;
  signedAt: Date | null;
  body: Uint8Array;
}

/**
 * Counts what new notifications have that the schemas do not know, each notification once. Continues where the last call stopped.
 * Returns how many notifications it looked at. Never throws: nothing that is delivered depends on it.
 */
export async function countDrift(
  db: Db,
  { settings, budgetMs }: { settings: Settings; budgetMs: number },
): Promise<number> {
  const elapsedMs = stopwatch();
  let count = 0;
  try {
    for (;;) {
      const { rows } = await db.query<Row>(reading, [batch, maxBodyBytes, settleMs]);
      const last = rows.at(-1);
      if (last === undefined) return count;
      const found = rows.flatMap((row) =>
        driftIn(row, settings).map((drift) => ({ ...drift, notification_id: row.id })),
      );
      const { rows: news } = await db.query<Drift>(counting, [
        JSON.stringify(added(found)),
        last.at,
        last.id,
        last.fromAt,
        last.fromId,
        maxRows,
      ]);
      for (const { kind, type, path, sample } of news)
        log("warn", "Cloudinary sends something that no schema knows", { kind, type, path, sample });
      count += rows.length;
      if (rows.length < batch || elapsedMs() >= budgetMs) return count;
    }
  } catch (error) {
    log("warn", "drift not counted", { error: errorText(error) });
    return count;
  }
}

function driftIn({ body, signedAt, receivedAt }: Row, settings: Settings): Drift[] {
  return body.length === 0 ? [] : findDrift(body, ceiling(signedAt ?? receivedAt, settings));
}

/** One entry for each row of the table: a statement cannot write a row twice. */
function added(found: readonly (Drift & { notification_id: string })[]) {
  const byRow = Map.groupBy(found, ({ kind, type, path }) => JSON.stringify([kind, type, path]));
  return [...byRow.values()].flatMap((same) => {
    const last = same.at(-1);
    return last === undefined ? [] : [{ ...last, count: same.length }];
  });
}

const progress = ofOnlyRow("drift_progress");

// What reconcile recorded is a body of the receiver's own making.
const reading = `
select n.id, n.received_at::text as at, ${progress("at::text")} as "fromAt", ${progress("id")} as "fromId",
       n.received_at as "receivedAt", n.signed_at as "signedAt",
       case when octet_length(n.body) <= $2::int and n.erased_at is null and n.source <> 'reconcile' then n.body else ''::bytea end as body
from notifications n
where (n.received_at, n.id) > (${progress("at")}, ${progress("id")}) and n.received_at < now() - $3::int * interval '1 millisecond'
order by n.received_at, n.id limit $1::int`;

// Fenced by the position that was read, so that of two workers at once only one counts.
const counting = `
with moved as (
  update drift_progress set at = $2::timestamptz, id = $3::uuid where at = $4::timestamptz and id = $5::uuid
  returning id
), given as (
  select g.*, exists (select from drift_findings f where f.kind = g.kind and f.type = g.type and f.path = g.path) as is_known
  from jsonb_to_recordset($1::jsonb) as g (kind text, type text, path text, sample text, count int, notification_id uuid), moved
), allowed as (
  select g.* from (
    select given.*, row_number() over (partition by kind, is_known order by type, path) as place from given) g
  where g.is_known or g.place + (select count(*) from drift_findings f where f.kind = g.kind) <= $6::int
), forgotten as (
  delete from drift_findings f using moved
  where f.last_at < now() - interval '90 days'
    and not exists (select from given g where g.kind = f.kind and g.type = f.type and g.path = f.path)
), counted as (
  insert into drift_findings as f (kind, type, path, sample, count, last_notification_id)
  select kind, type, path, sample, count, notification_id from allowed
  on conflict (kind, type, path) do update set
    count = f.count + excluded.count, last_at = now(), last_notification_id = excluded.last_notification_id
  returning kind, type, path, sample
)
select counted.* from counted join given using (kind, type, path) where not given.is_known`;
