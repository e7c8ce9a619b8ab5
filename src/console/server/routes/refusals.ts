import { Hono } from "hono";
import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import { type Joined, valid } from "../context.ts";
import { named, span } from "../queries/list-filters.ts";

interface Refused {
  reason: string;
  count: number;
  lastAt: Date;
  /** Stored samples of the requests, newest first. */
  samples: {
    id?: string;
    at: string;
    path: string;
    userAgent: string;
    signatureLength: number;
    timestamp: string;
  }[];
}

/** The filters of the rejected requests; they are counted by the hour, so the whole hour of `since` counts. */
export const refusalFilters = { reason: named, ...span };

export const refusals = new Hono<Joined>().get(
  "/refusals",
  valid("query", z.object(refusalFilters)),
  async (c) => c.json({ refusals: await refusalsByReason(c.env.db, c.req.valid("query")) }),
);

/** By reason, for the whole retention period unless the filters say otherwise. */
export async function refusalsByReason(
  db: Db,
  { reason, since, until }: z.output<z.ZodObject<typeof refusalFilters>>,
): Promise<Refused[]> {
  const within = (hour: string) =>
    `($2::timestamptz is null or ${hour} + interval '1 hour' > $2::timestamptz) and ($3::timestamptz is null or ${hour} < $3::timestamptz)`;
  const { rows } = await db.query<Refused>(
    `select r.reason, sum(r.count)::float8 as count, max(r.last_at) as "lastAt",
            (select coalesce(jsonb_agg(s.sample), '[]') from (
               select sample from refusals o, jsonb_array_elements(o.samples) as sample
               where o.reason = r.reason and ${within("o.hour")} order by o.hour desc, sample->>'at' desc limit 10) s) as samples
     from refusals r where ($1::text is null or r.reason = $1) and ${within("r.hour")} group by r.reason order by "lastAt" desc`,
    [reason ?? null, since ?? null, until ?? null],
  );
  return rows;
}
