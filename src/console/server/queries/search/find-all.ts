import type { Db } from "../../../../lib/database/pool.ts";
import { sql, type ToParam } from "../../../../lib/database/sql.ts";
import { looksFurther, type Search } from "./compile.ts";
import {
  and,
  furtherConditions,
  ownConditions,
  textColumn,
  textConditions,
  textsOf,
  typeConditions,
} from "./conditions.ts";
import { newest } from "./find-page.ts";

const maxKeys = 2_000;
/** A range with so few notifications is read as a whole, which costs less than the texts of a word that many assets have. */
const shortRange = 1_000;

/** The assets whose texts match, if they are few; null if they are many, the search has no words, or its range is short. */
export async function keysOf(db: Db, search: Search): Promise<string[] | null> {
  const isId = search.text.some(({ requestIds, ids }) => requestIds.length + ids.length > 0);
  if (isId || search.assetId !== undefined || search.publicId !== undefined) return null;
  if (textConditions(search, () => "") === null || (await isShort(db, search))) return null;
  const { text, params } = sql(
    (param) => `select s.key from search_texts s where ${textConditions(search, param)} limit ${maxKeys + 1}`,
  );
  const { rows } = await db.query<{ key: string }>(text, params);
  return rows.length > maxKeys ? null : rows.map(({ key }) => key);
}

async function isShort(db: Db, search: Search): Promise<boolean> {
  if (search.since === undefined) return false;
  const { text, params } = sql(
    (param) =>
      `select from notifications n where ${and(...ownConditions(search, param))} limit ${shortRange + 1}`,
  );
  return (await db.query(text, params)).rowCount <= shortRange;
}

/** Two expressions for `with`: `looked`, what was read, and `matching`, the ids and times of those that match. */
export function matchingOf(
  search: Search,
  param: ToParam,
  keys: readonly string[] | null,
  most: number,
): string {
  if (keys === null) {
    const columns = looksFurther(search)
      ? "n.id, n.received_at, n.asset_id, n.request_id, n.cloud"
      : `n.id, n.received_at${search.clouds === null ? "" : ", n.cloud"}`;
    const looked = `looked as materialized (${newest(search, param, columns, most)})`;
    const matching = (from: string, text: string) => `matching as materialized (
      select n.id, n.received_at from ${from} where ${and(...furtherConditions(search, param, text))})`;
    if (search.text.length === 0) return `${looked}, ${matching("looked n", "''")}`;
    const joined = "looked n left join texts t on t.key = coalesce(n.asset_id, n.id::text)";
    return `${looked}, ${textsOf("looked")}, ${matching(joined, "coalesce(t.text, '')")}`;
  }
  const conditions = and(...ownConditions(search, param), ...typeConditions(search, param));
  const list = `${param([...keys])}::text[]`;
  return `looked as materialized (
    (select n.id, n.received_at, n.asset_id, n.request_id, n.cloud from notifications n
     where n.asset_id = any (${list}) and ${conditions} limit ${param(most)}::int)
    union all (
     select n.id, n.received_at, n.asset_id, n.request_id, n.cloud from notifications n
     where n.asset_id is null and ${conditions} and n.id in (
       select k::uuid from unnest(${list}) k where k ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'))
  ), matching as materialized (
    select n.id, n.received_at from looked n where ${and(...furtherConditions(search, param, textColumn))})`;
}
