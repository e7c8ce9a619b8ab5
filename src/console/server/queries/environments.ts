import type { Config } from "../../../config.types.ts";
import type { Db } from "../../../lib/database/pool.ts";

/** The product environments by name: those of the configuration, and those of recorded notifications. */
export async function environments({ config, db }: { config: Config; db: Db }): Promise<string[]> {
  const { ownCloud, secrets } = config;
  const configured = [ownCloud, ...secrets.map(({ cloud }) => cloud)].flatMap((cloud) => cloud ?? []);
  const { rows } = await db.query<{ cloud: string }>(recorded);
  return [...new Set([...configured, ...rows.map(({ cloud }) => cloud)])].toSorted();
}

// By a step through the index from each to the next, whatever the length of the history.
const recorded = `
with recursive c as (
  (select cloud from notifications where cloud is not null order by cloud limit 1)
  union all
  select (select n.cloud from notifications n where n.cloud > c.cloud order by n.cloud limit 1) from c where c.cloud is not null)
select cloud from c where cloud is not null limit 200`;
