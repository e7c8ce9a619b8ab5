import { Hono } from "hono";
import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import { type Sql, sql, type ToParam } from "../../../lib/database/sql.ts";
import { discard, replay } from "../../../lib/deliveries/operator-acts.ts";
import { type Outcome, outcomeOf } from "../../shared/outcome.ts";
import { stop } from "../api-error.ts";
import { type Joined, reason, valid } from "../context.ts";
import { type Bodied, type Described, describe, describedColumns } from "../queries/describe.ts";
import { cursor } from "../queries/filters.ts";
import { deletionsOf, factContext, releasesOf } from "../queries/releases.ts";

/** The deliveries that need attention: dead and held ones. */
const stuckFilters = {
  state: z.enum(["dead", "held"]),
  handler: z.string().max(200).optional(),
  type: z.string().max(500).optional(),
  /** The product environment of the notification. */
  cloud: z.string().max(500).optional(),
  /** The cause, as returned with the groups. */
  cause: z.string().max(500).optional(),
  /** Only deliveries that ended before this time, so that a delivery that fails again is not processed twice. */
  endedBefore: z.iso.datetime({ offset: true }).optional(),
};
type Filters = Omit<z.output<z.ZodObject<typeof stuckFilters>>, "state"> & {
  state?: "dead" | "held" | undefined;
};

/** Lists can show both states together; acts name one. */
export const shownFilters = { ...stuckFilters, state: stuckFilters.state.optional() };

/** The position of a row: `settled_at` in microseconds, and the id. */
const listQuery = z.object({
  ...shownFilters,
  before: cursor.optional(),
  /** Earlier form of paging; `before` costs the same on every page. */
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** The batch size: the page shows progress and can stop between batches. */
const batch = { ...stuckFilters, reason, limit: z.number().int().min(1).max(500).default(100) };

const replayBatch = z.object({
  ...batch,
  forget: z.boolean().default(false),
  /** How many pictures the call deletes, as /stuck/deletions counts them; absent: what would delete is left out. */
  deletes: z.number().int().min(0).optional(),
});
const deletionsQuery = z.object({
  ...stuckFilters,
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

interface Group {
  state: "dead" | "held";
  handler: string;
  cause: string;
  count: number;
  types: string[];
  /** How many of each product environment; null: unknown. */
  clouds: { cloud: string | null; count: number }[];
  firstAt: Date;
  lastAt: Date;
  /** What the handler did after the last of these failures: whether the cause seems fixed. */
  later: Later;
}

interface Later {
  /** When it last succeeded. */
  succeededAt: Date | null;
  /** When it last failed or was put on hold, for any cause. */
  failedAt: Date | null;
  seems: "fixed" | "not-fixed" | "unknown";
}

interface Stuck extends Described {
  id: string;
  state: "dead" | "held";
  notificationId: string;
  handler: string;
  subject: string | null;
  type: string;
  publicId: string | null;
  cloud: string | null;
  error: string | null;
  attempts: number;
  settledAt: Date;
  /** The secret that signed the notification; null if the receiver read it from Cloudinary. */
  secretName: string | null;
  /** What both sides say, where Cloudinary does not confirm the decision. */
  result: unknown;
  /** Its outcome in words, as in the list of notifications. */
  outcome: Outcome | null;
  /** The cursor of this row: `before` of the next page. */
  cursor: string;
}

export const stuck = new Hono<Joined>()
  .get("/stuck/groups", valid("query", z.object(shownFilters)), async (c) =>
    c.json({ groups: await groups(c.env.db, c.req.valid("query")), now: new Date() }),
  )
  .get("/stuck", valid("query", listQuery), async (c) => {
    const { limit, offset, before, ...filters } = c.req.valid("query");
    const found = await listStuck(c.env.db, filters, { limit: limit + 1, offset, before });
    const rows = found.slice(0, limit);
    const releases = rows.length > 0 ? await releasesOf(c.env.db, rows, await factContext(c)) : null;
    const deliveries = rows.map((row) => ({ ...row, release: releases?.get(row.id) ?? null }));
    const more = found.length > limit;
    return c.json({ deliveries, more, next: more ? (rows.at(-1)?.cursor ?? null) : null });
  })
  // Which pictures the next call of /stuck/replay with this filter and limit would delete, oldest first.
  .get("/stuck/deletions", valid("query", deletionsQuery), async (c) => {
    const { limit, ...filters } = c.req.valid("query");
    const which = (param: ToParam) => condition(filters, param);
    const found = await deletionsOf(c.env.db, which, { limit, context: await factContext(c) });
    const deletions = found?.deletions ?? [];
    return c.json({ deletes: deletions.length, deletions });
  })
  .post("/stuck/replay", valid("json", replayBatch), async (c) => {
    const { reason: why, limit, forget, deletes, ...filters } = c.req.valid("json");
    const which = (param: ToParam) => condition(filters, param);
    const context = await factContext(c);
    const named = deletes !== undefined;
    const found = await deletionsOf(c.env.db, which, { limit: named ? limit : null, context });
    if (found === null) return stop(409, "too-many-to-count");
    const { deletions, ids } = found;
    if (named && deletions.length !== deletes) return stop(409, "deletions-differ");
    // Unless the caller named how many pictures it deletes, none is.
    const withheld = named ? [] : deletions.map(({ id }) => id);
    const result = await replay(
      c.env.db,
      (param) =>
        `${which(param)} and ${named ? `d.id = any (${param(ids)}::uuid[])` : `d.id <> all (${param(withheld)}::uuid[])`}`,
      { who: c.get("who"), reason: why, forget, limit },
    );
    if (result.replayed > 0) c.env.wake();
    return c.json({ ...result, ...(withheld.length > 0 && { withheld: withheld.length }) });
  })
  .post("/stuck/discard", valid("json", z.object(batch)), async (c) => {
    const { reason: why, limit, ...filters } = c.req.valid("json");
    const acting = { who: c.get("who"), reason: why, limit };
    return c.json(await discard(c.env.db, (param) => condition(filters, param), acting));
  });

function condition({ state, handler, type, cloud, cause, endedBefore }: Filters, param: ToParam): string {
  const all = [state === undefined ? "d.state in ('held', 'dead')" : `d.state = ${param(state)}`];
  if (handler !== undefined) all.push(`d.handler = ${param(handler)}`);
  if (cause !== undefined) all.push(`error_cause(d.last_error) = ${param(cause)}`);
  if (endedBefore !== undefined) all.push(`d.settled_at < ${param(endedBefore)}::timestamptz`);
  const about = [
    ...(type === undefined ? [] : [`n.type = ${param(type)}`]),
    ...(cloud === undefined ? [] : [`n.cloud = ${param(cloud)}`]),
  ];
  if (about.length > 0)
    all.push(
      `exists (select from notifications n where n.id = d.notification_id and ${about.join(" and ")})`,
    );
  return all.join(" and ");
}

async function groups(db: Db, filters: Filters): Promise<Group[]> {
  const found = await rowsOf<Omit<Group, "later">>(
    db,
    sql(
      (param) => `
with each as (
  select d.state, d.handler, error_cause(d.last_error) as cause, n.cloud, n.type, count(*)::int as count,
         min(d.settled_at) as first_at, max(d.settled_at) as last_at
  from deliveries d join notifications n on n.id = d.notification_id
  where ${condition(filters, param)} group by 1, 2, 3, 4, 5
), clouds as (
  select state, handler, cause, cloud, sum(count)::int as count, min(first_at) as first_at, max(last_at) as last_at
  from each group by 1, 2, 3, 4
)
select c.state, c.handler, c.cause, sum(c.count)::int as count,
       (select array_agg(distinct e.type) from each e
        where e.state = c.state and e.handler = c.handler and e.cause is not distinct from c.cause) as types,
       jsonb_agg(jsonb_build_object('cloud', c.cloud, 'count', c.count) order by c.count desc, c.cloud) as clouds,
       min(c.first_at) as "firstAt", max(c.last_at) as "lastAt"
from clouds c group by 1, 2, 3 order by count desc, "lastAt" desc limit 100`,
    ),
  );
  const tries = await laterTries(
    db,
    found.map(({ handler }) => handler),
  );
  return found.map((group) => ({ ...group, later: laterThan(group.lastAt, tries.get(group.handler)) }));
}

type Tries = Pick<Later, "succeededAt" | "failedAt">;

/** When each handler last succeeded and last failed. */
async function laterTries(db: Db, handlers: readonly string[]): Promise<ReadonlyMap<string, Tries>> {
  const { rows } = await db.query<Tries & { handler: string }>(
    `select h.handler,
       (select d.settled_at from deliveries d where d.handler = h.handler and d.state = 'done' order by d.settled_at desc limit 1) as "succeededAt",
       (select max(d.settled_at) from deliveries d where d.handler = h.handler and d.state in ('held', 'dead')) as "failedAt"
     from unnest($1::text[]) as h (handler)`,
    [[...new Set(handlers)]],
  );
  return new Map(rows.map(({ handler, ...tries }) => [handler, tries]));
}

function laterThan(lastAt: Date, tries: Tries = { succeededAt: null, failedAt: null }): Later {
  const isLater = (at: Date | null) => at !== null && at > lastAt;
  const { succeededAt, failedAt } = tries;
  const succeededLast = isLater(succeededAt) && (failedAt === null || (succeededAt ?? failedAt) > failedAt);
  return { ...tries, seems: succeededLast ? "fixed" : isLater(failedAt) ? "not-fixed" : "unknown" };
}

type ListedRow = Omit<Stuck, keyof Described | "outcome"> &
  Bodied & {
    assetId: string | null;
    receivedAt: Date;
    byPublicHook: boolean;
    erased: boolean;
    assets: number;
    dueAt: string;
  };

export async function listStuck(
  db: Db,
  filters: Filters,
  { limit, offset, before }: { limit: number; offset: number; before: string | undefined },
): Promise<Stuck[]> {
  const rows = await rowsOf<ListedRow>(
    db,
    sql((param) => {
      const [at = "", id = ""] = before?.split("_") ?? [];
      const after =
        before === undefined
          ? "true"
          : `(d.settled_at, d.id) < (${param(at)}::timestamptz, ${param(id)}::uuid)`;
      return `
select d.id, d.state, d.notification_id as "notificationId", d.handler, d.subject, n.type, n.public_id as "publicId", n.cloud,
       d.last_error as error, d.attempts, d.settled_at as "settledAt", d.due_at as "dueAt", ${describedColumns},
       n.secret_name as "secretName", case when d.last_error = 'not-confirmed' then d.result end as result,
       to_char(d.settled_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || d.id as cursor
from deliveries d join notifications n on n.id = d.notification_id
where ${condition(filters, param)} and ${after}
order by d.settled_at desc, d.id desc limit ${param(limit)}::int offset ${param(offset)}::int`;
    }),
  );
  const described = await describe(db, rows);
  return rows.map(({ body: _, signedAt: __, dueAt, ...row }, index) => ({
    ...row,
    ...described(index),
    outcome: outcomeOf([{ ...row, lastError: row.error, dueAt, result: null }]),
  }));
}

async function rowsOf<R>(db: Db, { text, params }: Sql): Promise<R[]> {
  return (await db.query<R>(text, params)).rows;
}
