import type { Db } from "../../../../lib/database/pool.ts";
import { type Sql, sql, type ToParam } from "../../../../lib/database/sql.ts";
import { cursorColumn, deliveryStates } from "../filters.ts";
import { looksFurther, type Search } from "./compile.ts";
import {
  and,
  assetConditions,
  cloudConditions,
  furtherConditions,
  ownConditions,
  textColumn,
  textConditions,
  textsOf,
  typeConditions,
} from "./conditions.ts";

/** The ids of a page of notifications, newest first. */
export interface FoundPage {
  ids: string[];
  /** The cursor up to which notifications were looked at, if the search stopped before it was complete; else null. */
  searchedTo: string | null;
}

/** The first look: what is common is among these. */
const firstLook = 500;
/** So many of the first ones match that a somewhat longer look finds a page. */
const often = 8;
/** The last look: limits the time of a search for something rare that no index finds. */
const lastLook = 10_000;
/** The most candidates that an index may return. */
const maxCandidates = 1_000;
/** The same for texts, of which several notifications can share one. */
const maxTexts = 2_500;

/**
 * Finds a page by whichever way costs least whatever the size of the history: a condition that many notifications meet is met by
 * some of the newest ones; one that few meet is found by its index. The planner cannot choose, because it knows neither how often a
 * part of a text occurs nor which states a handler's deliveries have.
 */
export async function findPage(db: Db, search: Search, limit: number): Promise<FoundPage> {
  if (!looksFurther(search)) return { ids: (await look(db, search, limit, limit)).ids, searchedTo: null };
  const first = await look(db, search, firstLook, limit);
  if (first.ids.length === limit || first.looked < firstLook) return { ids: first.ids, searchedTo: null };
  if (first.ids.length >= often) {
    const enough = Math.ceil((1.5 * firstLook * limit) / first.ids.length);
    const more = await look(db, search, enough, limit);
    if (more.ids.length === limit || more.looked < enough) return { ids: more.ids, searchedTo: null };
  }
  for (const way of [byDelivery, byText]) {
    const statement = way(search, limit);
    const found = statement && (await candidates(db, statement));
    if (found?.exact) return { ids: found.ids, searchedTo: null };
  }
  const last = await look(db, search, lastLook, limit);
  const isComplete = last.ids.length === limit || last.looked < lastLook;
  return { ids: last.ids, searchedTo: isComplete ? null : last.end };
}

interface Looked {
  ids: string[];
  looked: number;
  /** The cursor of the last one that was looked at. */
  end: string | null;
}

async function look(db: Db, search: Search, most: number, limit: number): Promise<Looked> {
  const { text, params } = sql((param) => {
    const looked = newest(search, param, "n.id, n.received_at, n.asset_id, n.request_id, n.cloud", most);
    const found =
      search.text.length > 0
        ? `looked as materialized (${looked}), ${textsOf("looked")}, n as materialized (
      select looked.*, coalesce(t.text, '') as text from looked left join texts t on t.key = coalesce(looked.asset_id, looked.id::text))`
        : `n as materialized (${looked})`;
    return `
with ${found}
select array(select n.id from n where ${and(...furtherConditions(search, param, "n.text"))}
             order by n.received_at desc, n.id desc limit ${param(limit)}::int) as ids,
       (select count(*)::int from n) as looked,
       (select ${cursorColumn} from n order by n.received_at, n.id limit 1) as end`;
  });
  const { rows } = await db.query<Looked>(text, params);
  return rows[0] ?? { ids: [], looked: 0, end: null };
}

/** The newest notifications that meet the conditions on themselves, by the index that has their order. */
export function newest(search: Search, param: ToParam, columns: string, most: number): string {
  const own = ownConditions(search, param);
  const size = `${param(most)}::int`;
  const asset = assetConditions(search, param);
  const page = (from: string, conditions: readonly string[]) =>
    `select ${columns} from ${from} where ${and(...conditions, ...own)} order by n.received_at desc, n.id desc limit ${size}`;
  if (asset.length > 0) {
    // Two queries, so that each uses its index; an `or` would use none.
    const types = [...typeConditions(search, param), ...cloudConditions(search, param)];
    const listed = `n.id in (select a.notification_id from notification_asset a where ${and(...asset.map((one) => `a.${one}`))})`;
    return `select * from (
      (${page("notifications n", [...asset.map((one) => `n.${one}`), ...types])})
      union (${page("notifications n", [listed, ...types])})) n order by received_at desc, id desc limit ${size}`;
  }
  const { types, clouds } = search;
  const count = (types?.length ?? 1) * (clouds?.length ?? 1);
  if (
    (types === null && clouds === null) ||
    count === 0 ||
    count > maxQueries ||
    search.requestId !== undefined
  )
    return page("notifications n", [...typeConditions(search, param), ...cloudConditions(search, param)]);
  const queries = eachOf(search, param).map((conditions) => `(${page("notifications n", conditions)})`);
  return `select * from (${queries.join(" union all ")}) n order by n.received_at desc, n.id desc limit ${size}`;
}

const maxQueries = 100;

/**
 * Conditions for one query for each wanted type and cloud: only for one that it knows does the planner see that it is rare, and only
 * then has the index of clouds the order of the list.
 */
function eachOf({ types, notTypes, clouds }: Search, param: ToParam): string[][] {
  const others = types === null ? typeConditions({ types, notTypes }, param) : [];
  const ofTypes = types === null ? [others] : types.map((type) => [`n.type = ${param(type)}`]);
  const ofClouds = clouds === null ? [[]] : clouds.map((cloud) => [`n.cloud = ${param(cloud)}`]);
  return ofTypes.flatMap((type) => ofClouds.map((cloud) => [...type, ...cloud]));
}

interface Candidates {
  exact: boolean;
  ids: string[];
}

async function candidates(db: Db, { text, params }: Sql): Promise<Candidates> {
  const { rows } = await db.query<Candidates>(text, params);
  return rows[0] ?? { exact: false, ids: [] };
}

/** By the trigram index of the texts, if few assets have them. */
function byText(search: Search, limit: number): Sql | null {
  if (textConditions(search, () => "") === null) return null;
  return sql((param) => {
    const keys = textConditions(search, param) ?? "";
    const requestIds = search.text.flatMap((term) => (term.not ? [] : term.requestIds));
    const ids = search.text.flatMap((term) => (term.not ? [] : term.ids));
    const own = and(
      ...ownConditions(search, param),
      ...typeConditions(search, param),
      ...assetFilter(search, param),
    );
    // The texts of these keys have the words already.
    const others = { ...search, text: search.text.filter(({ not, indexable }) => not || !indexable) };
    const byKey = and(own, ...furtherConditions(others, param, textColumn));
    const select = (conditions: string) =>
      `select n.id, n.received_at from notifications n where e.exact and ${conditions}`;
    const branches = [
      select(`n.asset_id in (select key from k) and ${byKey}`),
      select(
        `n.asset_id is null and n.id in (select key::uuid from k where key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') and ${byKey}`,
      ),
    ];
    if (requestIds.length + ids.length > 0) {
      const whole = and(own, ...furtherConditions(search, param, textColumn));
      if (requestIds.length > 0)
        branches.push(select(`n.request_id = any (${param(requestIds)}::text[]) and ${whole}`));
      if (ids.length > 0) branches.push(select(`n.id = any (${param(ids)}::uuid[]) and ${whole}`));
    }
    return `
with k as materialized (select s.key from search_texts s where ${keys} limit ${maxTexts + 1})
select e.exact, array(
  select f.id from (${branches.join("\n    union ")}) f order by f.received_at desc, f.id desc limit ${param(limit)}::int) as ids
from (select count(*) <= ${maxTexts} as exact from k) e`;
  });
}

function assetFilter(search: Search, param: ToParam): string[] {
  const asset = assetConditions(search, param);
  if (asset.length === 0) return [];
  const own = and(...asset.map((one) => `n.${one}`));
  const listed = and(...asset.map((one) => `a.${one}`));
  return [`((${own}) or n.id in (select a.notification_id from notification_asset a where ${listed}))`];
}

const endedStates = ["done", "skipped", "held", "dead"] as const;

/**
 * By the deliveries in the wanted states, latest first. A notification is never received after its delivery ended, so the page is
 * complete if the last notification on it is newer than the end of the last candidate.
 */
function byDelivery(search: Search, limit: number): Sql | null {
  const { states, handlers } = search;
  if (states === null && handlers === null) return null;
  const wanted = states ?? deliveryStates;
  return sql((param) => {
    const ended = endedStates.filter((state) => wanted.includes(state));
    const open = wanted.filter((state) => state === "due" || state === "running");
    // A parameter that the statement does not use has no type, so each is added only where it is used.
    const since =
      search.since === undefined || ended.length === 0
        ? ""
        : `and d.settled_at >= ${param(search.since)}::timestamptz`;
    const ofHandlers =
      handlers === null || open.length === 0 ? "" : `and d.handler = any (${param(handlers)}::text[])`;
    const names =
      handlers === null
        ? `select handler from (${handlerNames}) h`
        : `select unnest(${param(handlers)}::text[]) as handler`;
    const lists = [
      ...ended.map(
        (state) => `select c.* from names cross join lateral (
        select d.notification_id, d.settled_at, row_number() over (order by d.settled_at desc) as place from deliveries d
        where d.handler = names.handler and d.state = '${state}' ${since} order by d.settled_at desc limit ${maxCandidates + 1}) c`,
      ),
      ...open.map(
        (state) => `select c.* from (
        select d.notification_id, 'infinity'::timestamptz as settled_at, row_number() over () as place from deliveries d
        where d.state = '${state}' ${ofHandlers} limit ${maxCandidates + 1}) c`,
      ),
    ];
    const matching = and(
      ...ownConditions(search, param),
      ...typeConditions(search, param),
      ...assetFilter(search, param),
      ...furtherConditions(search, param, textColumn),
    );
    return `
with recursive names as (${names}), lists as materialized (${lists.join("\n  union all ") || "select null::uuid as notification_id, null::timestamptz as settled_at, 0 as place where false"}),
page as materialized (
  -- As an array, so that the conditions are only checked for these.
  select n.id, n.received_at from notifications n
  where n.id = any (array(select distinct notification_id from lists)) and ${matching} order by n.received_at desc, n.id desc limit ${param(limit)}::int
), bound as (
  select max(settled_at) as at from lists where place > ${maxCandidates}
)
select coalesce((select at from bound) is null
         or (select count(*) from page) = ${param(limit)}::int and (select min(received_at) from page) >= (select at from bound), false) as exact,
       array(select id from page order by received_at desc, id desc) as ids`;
  });
}

/** The handlers of deliveries that ended, by skipping from one to the next in the index. */
export const handlerNames = `
  with recursive h as (
    (select handler from deliveries where state in ('done', 'skipped', 'held', 'dead') order by handler limit 1)
    union all
    select (select d.handler from deliveries d where d.state in ('done', 'skipped', 'held', 'dead') and d.handler > h.handler
            order by d.handler limit 1) from h where h.handler is not null)
  select handler from h where handler is not null`;
