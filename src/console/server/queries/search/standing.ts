import type { Db } from "../../../../lib/database/pool.ts";

/** How complete and how fast searches for words are. */
export interface SearchStanding {
  /** `scan`: the database lacks the extension pg_trgm, so that texts are read one by one. */
  by: "index" | "scan";
  /** Notifications received before this time are not in the search yet; null if all are. */
  since: Date | null;
}

export async function searchStanding(db: Db): Promise<SearchStanding> {
  const { rows } = await db.query<SearchStanding>(
    `select case when to_regclass('search_texts_text') is null then 'scan' else 'index' end as by,
            (select oldest from search_progress where oldest > '-infinity') as since`,
  );
  return rows[0] ?? { by: "scan", since: null };
}
