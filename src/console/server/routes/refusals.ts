import { Hono } from "hono";
import type { Db } from "../../../lib/database/pool.ts";
import type { Joined } from "../context.ts";

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

export const refusals = new Hono<Joined>().get("/refusals", async (c) =>
  c.json({ refusals: await refusalsByReason(c.env.db) }),
);

/** By reason, for the whole retention period. */
export async function refusalsByReason(db: Db): Promise<Refused[]> {
  const { rows } = await db.query<Refused>(
    `select r.reason, sum(r.count)::float8 as count, max(r.last_at) as "lastAt",
            (select coalesce(jsonb_agg(s.sample), '[]') from (
               select sample from refusals o, jsonb_array_elements(o.samples) as sample
               where o.reason = r.reason order by o.hour desc, sample->>'at' desc limit 10) s) as samples
     from refusals r group by r.reason order by "lastAt" desc`,
  );
  return rows;
}
