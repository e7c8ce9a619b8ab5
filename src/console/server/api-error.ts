import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { failure } from "../../lib/receive/respond.ts";
import type { QueryProblem } from "../shared/search-query.ts";

/** Ends the request with an error. Thrown, so that the return type of a route contains only its successful response, which the typed client uses. */
export function stop(status: ContentfulStatusCode, reason: string): never {
  throw new HTTPException(status, { res: failure(status, reason) });
}

/** Ends the request, because its search is not valid: the reason by name, a hint, and the search that was probably meant. */
export function invalidQuery({ reason, message, suggestion }: QueryProblem): never {
  const body = { error: { reason, hint: message, ...(suggestion !== null && { suggestion }) } };
  throw new HTTPException(400, {
    res: Response.json(body, { status: 400, headers: { "cache-control": "no-store" } }),
  });
}
