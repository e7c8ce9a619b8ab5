import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { failure } from "../../lib/receive/respond.ts";

/** Ends the request with an error. Thrown, so that the return type of a route contains only its successful response, which the typed client uses. */
export function stop(status: ContentfulStatusCode, reason: string): never {
  throw new HTTPException(status, { res: failure(status, reason) });
}
