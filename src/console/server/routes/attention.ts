import { Hono } from "hono";
import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import { type Sql, sql, type ToParam } from "../../../lib/database/sql.ts";
import { discard, replay } from "../../../lib/deliveries/operator-acts.ts";
import { stop } from "../api-error.ts";
import { type Joined, reason, valid } from "../context.ts";
import { deletionsOf, factContext, releasesOf } from "../queries/releases.ts";

/** The deliveries that need attention: dead and held ones. */
const stuckFilters = {
  state: z.enum(["dead", "held"]),
  handler: z.string().max(200).optional(),
  type: z.string().max(500).optional(),
  /** The cause, as returned with the groups. */
  cause: z.string().max(500).optional(),
  /** Only deliveries that ended before this time, so that a delivery that fails again is not processed twice. */
  endedBefore: z.iso.datetime({ offset: true }).optional(),
};
type Filters = z.output<z.ZodObject<typeof stuckFilters>>;

const listQuery = z.object({
  ...stuckFilters,
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
  handler: string;
  cause: string;
  count: number;
  types: string[];
  firstAt: Date;
  lastAt: Date;
}

interface Stuck {
  id: string;
  notificationId: string;
  handler: string;
  subject: string | null;
  type: string;
  publicId: string | null;
  error: string | null;
  attempts: number;
  settledAt: Date;
}

export const stuck = new Hono<Joined>()
  .get("/stuck/groups", valid("query", z.object(stuckFilters)), async (c) =>
    c.json({ groups: await groups(c.env.db, c.req.valid("query")), now: new Date() }),
  )
  .get("/stuck", valid("query", listQuery), async (c) => {
    const { limit, offset, ...filters } = c.req.valid("query");
    const rows = await list(c.env.db, filters, { limit: limit + 1, offset });
    const releases = filters.state === "held" ? await releasesOf(c.env.db, rows, await factContext(c)) : null;
    const deliveries = rows.map((row) => ({ ...row, release: releases?.get(row.id) ?? null }));
    return c.json({ deliveries: deliveries.slice(0, limit), more: rows.length > limit });
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

function condition({ state, handler, type, cause, endedBefore }: Filters, param: ToParam): string {
  const all = [`d.state = ${param(state)}`];
  if (handler !== undefined) all.push(`d.handler = ${param(handler)}`);
  if (cause !== undefined) all.push(`error_cause(d.last_error) = ${param(cause)}`);
  if (endedBefore !== undefined) all.push(`d.settled_at < ${param(endedBefore)}::timestamptz`);
  if (type !== undefined)
    all.push(
      `exists (select from notifications n where n.id = d.notification_id and n.type = ${param(type)})`,
    );
  return all.join(" and ");
}

async function groups(db: Db, filters: Filters): Promise<Group[]> {
  return await rowsOf<Group>(
    db,
    sql(
      (param) => `
select d.handler, error_cause(d.last_error) as cause, count(*)::int as count, array_agg(distinct n.type) as types,
       min(d.settled_at) as "firstAt", max(d.settled_at) as "lastAt"
from deliveries d join notifications n on n.id = d.notification_id
where ${condition(filters, param)} group by 1, 2 order by count desc, "lastAt" desc limit 100`,
    ),
  );
}

async function list(
  db: Db,
  filters: Filters,
  { limit, offset }: { limit: number; offset: number },
): Promise<Stuck[]> {
  return await rowsOf<Stuck>(
    db,
    sql(
      (param) => `
select d.id, d.notification_id as "notificationId", d.handler, d.subject, n.type, n.public_id as "publicId",
       d.last_error as error, d.attempts, d.settled_at as "settledAt"
from deliveries d join notifications n on n.id = d.notification_id
where ${condition(filters, param)}
order by d.settled_at desc, d.id limit ${param(limit)}::int offset ${param(offset)}::int`,
    ),
  );
}

async function rowsOf<R>(db: Db, { text, params }: Sql): Promise<R[]> {
  return (await db.query<R>(text, params)).rows;
}
