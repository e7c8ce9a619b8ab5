import type { Db } from "../../src/lib/database/pool.ts";

export interface PageCounter {
  /** Runs each statement, and once more to count. */
  db: Db;
  /** The pages that the statements have touched since the last call. */
  take(): number;
}

/** Counts the pages that statements touch, as PostgreSQL does: a measure that neither a clock nor a busy machine changes. */
export function pageCounter(db: Db): PageCounter {
  let pages = 0;
  return {
    db: {
      ...db,
      async query(text, params) {
        // First, because a statement that changes rows finds nothing to change the second time.
        const { rows } = await db.query<{ "QUERY PLAN": [{ Plan: Record<string, number> }] }>(
          `explain (analyze, buffers, timing off, format json) ${text}`,
          params,
        );
        const plan = rows[0]?.["QUERY PLAN"][0].Plan;
        pages += (plan?.["Shared Hit Blocks"] ?? 0) + (plan?.["Shared Read Blocks"] ?? 0);
        return await db.query(text, params);
      },
    },
    take() {
      const taken = pages;
      pages = 0;
      return taken;
    },
  };
}
