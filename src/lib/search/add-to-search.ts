import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { ofOnlyRow } from "../database/sql.ts";
import type { RecordedNotification } from "../deliveries/handler.ts";
import { parse } from "../notifications/parse.ts";
import { ceiling } from "../shared/ceiling.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import { lineOf, type Named, namedIn } from "./named.ts";

export interface SearchOptions {
  settings: Settings;
  /** The SKUs that a notification names, by asset id; the PIM handler knows how to read them. */
  skusOf: (notification: RecordedNotification) => ReadonlyMap<string, readonly string[]>;
  budgetMs: number;
}

const batch = 200;
/** Larger bodies are searched by their columns only. */
const maxBodyBytes = 256 * 1_024;
/** A hook's statement sets `received_at` when it starts, so rows can become visible out of order for this long. */
const settleMs = 15_000;

/** Notifications that this instance has added since they were received; they are not read again while `settleMs` lasts. */
const added = new Set<string>();
const maxRemembered = 50_000;

interface Place {
  at: string;
  id: string;
}

/** Adds new notifications to the search, oldest first. Safe to repeat and to run concurrently. Returns how many were added. */
export async function addNewToSearch(db: Db, options: SearchOptions): Promise<number> {
  const elapsedMs = stopwatch();
  let count = 0;
  let after: Partial<Place> = {};
  do {
    const { rows } = await db.query<Place>(newerStatement, [after.at ?? null, after.id ?? null, batch]);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last;
    const fresh = rows.filter(({ id }) => !added.has(id)).map(({ id }) => id);
    if (fresh.length > 0) count += await add(db, fresh, true, options);
    if (added.size > maxRemembered) added.clear();
    for (const id of fresh) added.add(id);
    await db.query(newerReached, [last.at, settleMs]);
    if (rows.length < batch) break;
  } while (elapsedMs() < options.budgetMs);
  return count;
}

const progress = ofOnlyRow("search_progress");

const newerStatement = `
select n.id, n.received_at::text as at from notifications n
where n.received_at > ${progress("newest")} and n.received_at >= coalesce($1::timestamptz, '-infinity')
  and ($1::timestamptz is null or (n.received_at, n.id) > ($1::timestamptz, $2::uuid))
order by n.received_at, n.id limit $3::int`;

const newerReached = `
update search_progress set newest = greatest(newest, least($1::timestamptz, now() - $2::int * interval '1 millisecond'))
where least($1::timestamptz, now() - $2::int * interval '1 millisecond') > newest + interval '1 second'`;

/** Adds notifications from before the search existed, newest first; continues where it stopped. Returns how many were added. */
export async function addOldToSearch(db: Db, options: SearchOptions): Promise<number> {
  const elapsedMs = stopwatch();
  let count = 0;
  while (elapsedMs() < options.budgetMs) {
    const { rows } = await db.query<Place>(olderStatement, [batch]);
    const last = rows.at(-1);
    if (last !== undefined) {
      const ids = rows.map(({ id }) => id);
      count += await add(db, ids, false, options);
    }
    const isLast = rows.length < batch;
    await db.query(olderReached, [isLast ? "-infinity" : (last?.at ?? null), last?.id ?? null]);
    if (isLast) break;
  }
  return count;
}

const olderStatement = `
select n.id, n.received_at::text as at from notifications n
where (n.received_at, n.id) < (${progress("oldest")}, ${progress("coalesce(oldest_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)")})
order by n.received_at desc, n.id desc limit $1::int`;

const olderReached = `
update search_progress set oldest = least(oldest, $1::timestamptz), oldest_id = $2::uuid where oldest > '-infinity'`;

/**
 * Adds notifications of the last days that have no text although the search has passed their time, such as those whose statement took
 * very long, or that were restored from a backup. Returns how many were added.
 */
export async function addMissedToSearch(db: Db, options: SearchOptions): Promise<number> {
  const elapsedMs = stopwatch();
  let count = 0;
  while (elapsedMs() < options.budgetMs) {
    const { rows } = await db.query<{ id: string }>(missedStatement, [batch]);
    if (rows.length === 0) break;
    const some = await add(
      db,
      rows.map(({ id }) => id),
      false,
      options,
    );
    count += some;
    if (rows.length < batch || some === 0) break;
  }
  return count;
}

/** Of the newest ones only, so that it costs the same in every history. */
const missedStatement = `
select n.id from (
  select id, asset_id, erased_at, received_at from notifications order by received_at desc, id desc limit 5000) n, search_progress p
where n.erased_at is null and n.received_at <= p.newest and n.received_at > p.oldest
  and not exists (select from search_texts s where s.key = coalesce(n.asset_id, n.id::text))
order by n.received_at, n.id limit $1::int`;

/** Writes the texts of these assets or notifications again, after a part of them was erased. */
export async function addAgain(db: Db, keys: readonly string[], options: SearchOptions): Promise<void> {
  const { rows } = await db.query<{ id: string }>(
    `select n.id from unnest($1::text[]) as k (key) cross join lateral (
       select id from notifications where asset_id = k.key and erased_at is null order by version desc limit 200) n`,
    [keys],
  );
  for (let at = 0; at < rows.length; at += batch)
    await add(
      db,
      rows.slice(at, at + batch).map(({ id }) => id),
      false,
      options,
    );
}

type Row = Omit<RecordedNotification, "content"> & {
  body: Uint8Array;
  publicId: string | null;
  assetId: string | null;
  assetPrefix: string;
};

async function add(
  db: Db,
  ids: readonly string[],
  newer: boolean,
  { settings, skusOf }: SearchOptions,
): Promise<number> {
  const { rows } = await db.query<Row>(
    `select n.id, n.received_at as "receivedAt", n.signed_at as "signedAt", n.source, n.cloud, n.by_public_hook as "byPublicHook",
            n.public_id as "publicId", n.asset_id as "assetId", n.asset_prefix as "assetPrefix",
            case when octet_length(n.body) <= $2::int then n.body else ''::bytea end as body
     from notifications n where n.id = any ($1::uuid[]) and n.erased_at is null order by n.received_at, n.id`,
    [ids, maxBodyBytes],
  );
  if (rows.length === 0) return 0;
  const texts = rows.map((row) => ({
    id: row.id,
    key: row.assetId ?? row.id,
    ...named(row, settings, skusOf),
  }));
  await db.query(writing, [JSON.stringify(merged(texts)), newer]);
  return rows.length;
}

function named(row: Row, settings: Settings, skusOf: SearchOptions["skusOf"]): Named {
  const { body, publicId, assetId, assetPrefix, ...recorded } = row;
  const parsed = parse(body, ceiling(row.signedAt ?? row.receivedAt, settings), assetPrefix);
  if (!parsed.ok)
    return {
      lines: [publicId, assetId].flatMap((text) => lineOf(text) ?? []),
      labels: [],
      name: null,
      picture: null,
    };
  const content = parsed.notification;
  const skus = [...skusOf({ ...recorded, content }).values()].flat();
  return namedIn({ content, publicId, assetId, cloud: row.cloud, skus });
}

interface Text extends Named {
  id: string;
  key: string;
}

/** One text for each key: a statement cannot write a row twice. */
function merged(texts: readonly Text[]): (Text & { ids: string[] })[] {
  const byKey = Map.groupBy(texts, ({ key }) => key);
  return [...byKey.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const latest = same.toReversed();
    return {
      ...first,
      ids: same.map(({ id }) => id),
      lines: [...new Set(same.flatMap(({ lines }) => lines))],
      labels: [...new Set(same.flatMap(({ labels }) => labels))],
      name: latest.find(({ name }) => name !== null)?.name ?? null,
      picture: latest.find(({ picture }) => picture !== null)?.picture ?? null,
    };
  });
}

const maxTextLength = 32_000;

// A notification that is erased at the same time is locked by one of the two statements; the other one then sees its result.
const writing = `
with given as (
  select key, ids, lines, labels, name, picture
  from jsonb_to_recordset($1::jsonb) as r (key text, ids uuid[], lines text[], labels text[], name text, picture text)
), kept as materialized (
  select n.id from notifications n where n.id in (select unnest(ids) from given) and n.erased_at is null for share of n
), assets as (
  select g.key, array(select '$' || s from pim_asset a, unnest(a.skus) s where a.asset_id = g.key) as skus from given g
)
insert into search_texts as s (key, text, labels, name, picture)
select g.key, left(E'\\n' || array_to_string(g.lines || array(select lower(x) from unnest(a.skus) x), E'\\n') || E'\\n', ${maxTextLength}),
       array(select distinct unnest(g.labels || a.skus)), g.name, g.picture
from given g join assets a using (key)
where not exists (select from unnest(g.ids) i where i not in (select id from kept))
order by g.key
on conflict (key) do update set
  text = case when length(s.text) > ${maxTextLength} then s.text else s.text || coalesce((
    select string_agg(line || E'\\n', '') from unnest(string_to_array(trim(both E'\\n' from excluded.text), E'\\n')) line
    where position(E'\\n' || line || E'\\n' in s.text) = 0), '') end,
  labels = s.labels || array(select l from unnest(excluded.labels) l where l <> all (s.labels)),
  name = case when $2::boolean then coalesce(excluded.name, s.name) else coalesce(s.name, excluded.name) end,
  picture = case when $2::boolean then coalesce(excluded.picture, s.picture) else coalesce(s.picture, excluded.picture) end,
  updated_at = now()
where (excluded.name is distinct from s.name and excluded.name is not null)
   or (excluded.picture is distinct from s.picture and excluded.picture is not null)
   or exists (select from unnest(string_to_array(trim(both E'\\n' from excluded.text), E'\\n')) line
              where position(E'\\n' || line || E'\\n' in s.text) = 0)`;
