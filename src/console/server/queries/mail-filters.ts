import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import type { ToParam } from "../../../lib/database/sql.ts";
import { deliveryStates } from "./filters.ts";
import { named, searched, span } from "./list-filters.ts";
import { compile } from "./search/compile.ts";
import { furtherConditions, ownConditions, textColumn, typeConditions } from "./search/conditions.ts";
import { keysOf } from "./search/find-all.ts";
import { refreshSearch } from "./search/refresh.ts";
import { resolved } from "./search/resolve.ts";

/** The filters of the messages. */
export const mailFilters = {
  /** The search of the inbox, over the notifications that the messages are about. */
  q: searched,
  state: z.enum(deliveryStates).optional(),
  type: named,
  cloud: named,
  ...span,
};

export type MailFilters = z.output<z.ZodObject<typeof mailFilters>>;

/** The conditions on `deliveries d` and its `notifications n`. Ends the request with an error if the search is not valid. */
export async function mailConditions(
  db: Db,
  { q = "", state, type, cloud, since, until }: MailFilters,
): Promise<(param: ToParam) => string[]> {
  const search =
    q === "" && type === undefined && cloud === undefined
      ? null
      : await resolved(db, compile({ q, type, cloud }));
  if (q !== "") await refreshSearch(db);
  const keys = search && (await keysOf(db, search));
  return (param) => [
    ...(state === undefined ? [] : [`d.state = ${param(state)}`]),
    ...(since === undefined ? [] : [`d.created_at >= ${param(since)}::timestamptz`]),
    ...(until === undefined ? [] : [`d.created_at < ${param(until)}::timestamptz`]),
    // What the index found narrows the list first; each of the conditions is checked in any case.
    ...(keys === null ? [] : [`d.notification_id in (${notificationsOf(param([...keys]))})`]),
    ...(search === null
      ? []
      : [
          ...ownConditions(search, param),
          ...typeConditions(search, param),
          ...furtherConditions(search, param, textColumn).map((condition) => `(${condition})`),
        ]),
  ];
}

/** The notifications of assets, and those without an asset, which are found by their own id. */
const notificationsOf = (keys: string): string =>
  `select id from notifications where asset_id = any (${keys}::text[])
   union all
   select k::uuid from unnest(${keys}::text[]) k where k ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'`;
