import type { ToParam } from "../../../../lib/database/sql.ts";
import type { Search } from "./compile.ts";

/** The text of `notifications n`; empty if it is not in the search yet. */
export const textColumn =
  "coalesce((select s.text from search_texts s where s.key = coalesce(n.asset_id, n.id::text)), '')";

/** An expression for `with`: `texts`, those of the notifications in another expression, each read once although several share it. */
export const textsOf = (notifications: string): string => `texts as materialized (
  select k.key, (select s.text from search_texts s where s.key = k.key) as text
  from (select distinct coalesce(asset_id, id::text) as key from ${notifications}) k)`;

/** Conditions on the time, the position and the request of `notifications n`, for which it has indexes or needs none. */
export function ownConditions(search: Search, param: ToParam): string[] {
  const all: string[] = [];
  if (search.requestId !== undefined) all.push(`n.request_id = ${param(search.requestId)}`);
  if (search.since !== undefined) all.push(`n.received_at >= ${param(search.since)}::timestamptz`);
  if (search.until !== undefined) all.push(`n.received_at < ${param(search.until)}::timestamptz`);
  if (search.before !== undefined) {
    const [at = "", id = ""] = search.before.split("_");
    all.push(`(n.received_at, n.id) < (${param(at)}::timestamptz, ${param(id)}::uuid)`);
  }
  return all;
}

export function typeConditions(
  { types, notTypes }: Pick<Search, "types" | "notTypes">,
  param: ToParam,
): string[] {
  return [
    ...(types === null ? [] : [`n.type = any (${param(types)}::text[])`]),
    ...(notTypes.length === 0 ? [] : [`n.type <> all (${param(notTypes)}::text[])`]),
  ];
}

export function cloudConditions({ clouds }: Search, param: ToParam): string[] {
  return clouds === null ? [] : [`n.cloud = any (${param(clouds)}::text[])`];
}

/** The asset or the beginning of its public id, in the notification's own columns or in the assets that it lists. */
export function assetConditions({ assetId, publicId }: Search, param: ToParam): string[] {
  const all: string[] = [];
  if (assetId !== undefined) all.push(`asset_id = ${param(assetId)}`);
  if (publicId !== undefined) all.push(`public_id like ${param(`${publicId.replace(/[\\%_]/g, "\\$&")}%`)}`);
  return all;
}

/** Conditions on deliveries, cloud and text. `text`: the expression of the text of `notifications n`. */
export function furtherConditions(search: Search, param: ToParam, text: string): string[] {
  const all = cloudConditions(search, param);
  if (search.notClouds.length > 0)
    all.push(`(n.cloud is null or n.cloud <> all (${param(search.notClouds)}::text[]))`);
  for (const term of search.text) {
    const found = [
      ...term.patterns.map((pattern) => `${text} like ${param(pattern)}`),
      ...(term.requestIds.length > 0 ? [`n.request_id = any (${param(term.requestIds)}::text[])`] : []),
      ...(term.ids.length > 0 ? [`n.id = any (${param(term.ids)}::uuid[])`] : []),
    ].join(" or ");
    all.push(term.not ? `not coalesce(${found}, false)` : `(${found})`);
  }
  return [...all, ...deliveryConditions(search, param)];
}

function deliveryConditions({ states, handlers, notStates, notHandlers }: Search, param: ToParam): string[] {
  // `offset 0` keeps it a look-up for each row; as a join, the planner would read all deliveries.
  const exists = (conditions: readonly string[]) =>
    `exists (select from deliveries d where ${["d.notification_id = n.id", ...conditions].join(" and ")} offset 0)`;
  const stateIn = (list: readonly string[]) => `d.state = any (${param([...list])}::text[])`;
  const handlerIn = (list: readonly string[]) => `d.handler = any (${param([...list])}::text[])`;
  return [
    ...(states !== null || handlers !== null
      ? [exists([...(states ? [stateIn(states)] : []), ...(handlers ? [handlerIn(handlers)] : [])])]
      : []),
    ...(notStates.length > 0 ? [`not ${exists([stateIn(notStates)])}`] : []),
    ...(notHandlers.length > 0 ? [`not ${exists([handlerIn(notHandlers)])}`] : []),
  ];
}

/** Conditions on `search_texts s` that its trigram index finds: the terms that must match. null if there is none. */
export function textConditions({ text }: Search, param: ToParam): string | null {
  const terms = text.filter(({ not, indexable }) => !not && indexable);
  if (terms.length === 0) return null;
  return terms
    .map(({ patterns }) => `(${patterns.map((pattern) => `s.text like ${param(pattern)}`).join(" or ")})`)
    .join(" and ");
}

/** All of these; true if there is none. */
export const and = (...conditions: readonly string[]): string => conditions.join(" and ") || "true";
