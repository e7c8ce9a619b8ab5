import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import { type Outcome, type OutcomeSource, outcomeOf } from "../../shared/outcome.ts";
import { dueAtOf } from "../../shared/record.ts";
import { maxBodyBytes } from "../thumbnail.ts";
import { type Bodied, type Described, describe } from "./describe.ts";
import { cursor, cursorColumn, type DeliveryState, type Filters, filters } from "./filters.ts";
import { compile } from "./search/compile.ts";
import { findPage } from "./search/find-page.ts";
import { resolved } from "./search/resolve.ts";

export const listQuery = z.object({
  ...filters,
  /** Only rows after this cursor in the list. */
  before: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** A notification in a list. */
export interface Summary {
  id: string;
  type: string;
  publicId: string | null;
  assetId: string | null;
  version: number | null;
  requestId: string | null;
  source: string;
  /** The product environment of the signature; null if unknown. */
  cloud: string | null;
  /** A visitor may have caused it. */
  byPublicHook: boolean;
  unexpectedFor: string | null;
  receivedAt: Date;
  lastSeenAt: Date;
  timesSeen: number;
  erased: boolean;
  /** The secret that verified it; null for notifications from `reconcile`. */
  secretName: string | null;
  algorithm: string | null;
  bytes: number;
  /** The number of assets in the body, if there are several. */
  assets: number;
  deliveries: {
    id: string;
    handler: string;
    subject: string | null;
    state: DeliveryState;
    attempts: number;
    /** The status that Cloudinary did not confirm, so that its action was withheld: `rejected` withholds a deletion. */
    withheld: string | null;
  }[];
  /** The outcome: its most severe open delivery, or what was done. null if no handler gets it. */
  outcome: Outcome | null;
  /** The cursor of this row: `before` of the next page. */
  cursor: string;
}

export interface Listed extends Summary, Described {}

/** SQL: of a delivery that is held because Cloudinary does not confirm its decision, the status in the notification. */
function withheldStatus(delivery: string): string {
  return `case when ${delivery}.state = 'held' and ${delivery}.last_error = 'not-confirmed'
    then ${delivery}.result->'notification'->>'status' end`;
}

const columns = `
n.id, n.type, n.public_id as "publicId", n.asset_id as "assetId", n.version::float8 as version, n.request_id as "requestId",
n.source, n.cloud, n.by_public_hook as "byPublicHook", n.unexpected_for as "unexpectedFor", n.received_at as "receivedAt", n.last_seen_at as "lastSeenAt",
n.times_seen as "timesSeen", n.erased_at is not null as erased, n.secret_name as "secretName", n.algorithm, octet_length(n.body) as bytes,
case when n.type = 'rename' then 0 else (select count(*)::int from notification_asset a where a.notification_id = n.id) end as assets,
(select coalesce(jsonb_agg(jsonb_build_object(
   'id', d.id, 'handler', d.handler, 'subject', d.subject, 'state', d.state, 'attempts', d.attempts,
   'lastError', d.last_error, 'dueAt', ${dueAtOf("d")}, 'result', d.result,
   'withheld', ${withheldStatus("d")}) order by d.handler, d.created_at, d.id), '[]')
 from deliveries d where d.notification_id = n.id) as deliveries,
${cursorColumn} as cursor`;

export interface Page<R> {
  rows: R[];
  /** The value for `before`; null on the last page. */
  next: string | null;
  /** Set if a search stopped before the page was full: what is older than this cursor was not looked at yet. */
  searchedTo: string | null;
}

type Query = Filters & { before?: string | undefined; limit: number };

/** A page of the list with names and pictures, which are read from the bodies. */
export async function listed(db: Db, query: Query): Promise<Page<Listed>> {
  const body = `case when octet_length(n.body) <= ${maxBodyBytes} then n.body end as body, n.signed_at as "signedAt"`;
  const { rows, ...page } = await select<Row & Bodied>(db, query, `${columns}, ${body}`);
  const described = await describe(db, rows);
  return {
    rows: rows.map(({ body: _, signedAt: __, ...row }, index) => ({
      ...summaryOf(row),
      ...described(index),
    })),
    ...page,
  };
}

/** A page of the list without reading bodies. */
export async function summaries(db: Db, query: Query): Promise<Page<Summary>> {
  const { rows, ...page } = await select<Row>(db, query, columns);
  return { rows: rows.map(summaryOf), ...page };
}

/** As the statement returns it. */
type Row = Omit<Summary, "outcome" | "deliveries"> & {
  deliveries: (Summary["deliveries"][number] & OutcomeSource)[];
};

async function select<R extends Row>(db: Db, query: Query, wanted: string): Promise<Page<R>> {
  const { limit, ...filters } = query;
  const search = await resolved(db, compile(filters));
  // One additional row shows whether there is a next page.
  const { ids, searchedTo } = await findPage(db, search, limit + 1);
  const shown = ids.slice(0, limit);
  const { rows } = await db.query<R>(
    `select ${wanted} from notifications n where n.id = any ($1::uuid[]) order by n.received_at desc, n.id desc`,
    [shown],
  );
  const next = ids.length > shown.length ? (rows.at(-1)?.cursor ?? null) : searchedTo;
  return { rows, next, searchedTo };
}

function summaryOf({ deliveries, ...row }: Row): Summary {
  return {
    ...row,
    deliveries: deliveries.map(({ lastError: _, dueAt: __, result: ___, ...delivery }) => delivery),
    outcome: outcomeOf(deliveries),
  };
}
