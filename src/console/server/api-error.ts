import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { failure } from "../../lib/receive/respond.ts";

/** Ends the request with an error. Thrown, so that a route's type is that of its good answer, which the typed client is made of. */
export function stop(status: ContentfulStatusCode, reason: string): never {
  throw new HTTPException(status, { res: failure(status, reason) });
}
