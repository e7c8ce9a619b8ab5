import type { Db } from "../../../../lib/database/pool.ts";
import { isNotificationType, notificationTypes } from "../../../../lib/notifications/types.ts";
import { settings } from "../../../../settings.ts";
import { nearest, type QueryReason } from "../../../shared/search-query.ts";
import { invalidQuery } from "../../api-error.ts";
import type { Search } from "./compile.ts";
import { handlerNames } from "./find-page.ts";

/**
 * Compares types and handlers with those that exist, so that a mistyped one is an error and not an empty list; and names the types
 * that remain when others are left out, so that their index finds them.
 */
export async function resolved(db: Db, search: Search): Promise<Search> {
  return { ...search, ...(await typesOf(db, search)), ...(await checkHandlers(db, search)) };
}

async function typesOf(db: Db, { q, types, notTypes }: Search): Promise<Partial<Search>> {
  const unknown = [...(types ?? []), ...notTypes].filter((type) => !isNotificationType(type));
  if (notTypes.length === 0 && unknown.length === 0) return {};
  const { rows } = await db.query<{ type: string }>(recordedTypes);
  const recorded = rows.map(({ type }) => type);
  const [wrong] = unknown.filter((type) => !recorded.includes(type));
  const known = [...new Set([...notificationTypes, ...recorded])];
  if (wrong !== undefined)
    return mistyped("unknown-type", { q, wrong, known }, "No notification has the type");
  if (notTypes.length === 0) return {};
  return { types: (types ?? recorded).filter((type) => !notTypes.includes(type)), notTypes: [] };
}

const recordedTypes = `
with recursive t as (
  (select type from notifications order by type limit 1)
  union all
  select (select n.type from notifications n where n.type > t.type order by n.type limit 1) from t where t.type is not null)
select type from t where type is not null`;

async function checkHandlers(db: Db, { q, handlers, notHandlers }: Search): Promise<Partial<Search>> {
  const named = [...(handlers ?? []), ...notHandlers];
  const configured: string[] = [
    ...new Set([...Object.values(settings.routes).flat(), ...settings.pim.connectors]),
  ];
  const unknown = named.filter((handler) => !configured.includes(handler));
  if (unknown.length === 0) return {};
  const { rows } = await db.query<{ handler: string }>(
    // Not by a join: the planner would read all deliveries.
    `select w.handler from unnest($1::text[]) as w (handler)
     where w.handler in (${handlerNames})
        or w.handler in (select handler from earliest_due)`,
    [unknown],
  );
  const [wrong] = unknown.filter((handler) => rows.every((row) => row.handler !== handler));
  return wrong === undefined
    ? {}
    : mistyped("unknown-handler", { q, wrong, known: configured }, "No delivery has the handler");
}

interface Mistyped {
  q: string;
  wrong: string;
  known: readonly string[];
}

function mistyped(reason: QueryReason, { q, wrong, known }: Mistyped, said: string): never {
  const near = nearest(wrong.toLowerCase(), known);
  return invalidQuery({
    reason,
    message: `${said} ${wrong}. ${near === null ? `Known are ${known.slice(0, 8).join(", ")}${known.length > 8 ? ", …" : ""}.` : `Did you mean ${near}?`}`,
    suggestion: near === null || !q.includes(wrong) ? null : q.replace(wrong, near),
  });
}
