import { zValidator } from "@hono/zod-validator";
import type { Context, ValidationTargets } from "hono";
import { createMiddleware } from "hono/factory";
import * as z from "zod";
import type { Config, Environment } from "../../config.types.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { OperatorRole } from "../../lib/shared/operators.ts";
import { type Access, accessOf } from "./auth.ts";
import { refuse } from "./sign-in.ts";

/** The context of every route. */
export interface Joined {
  Bindings: {
    config: Config;
    /** The variables as they are written. */
    variables: Environment;
    db: Db;
    /** The client's IP address from the platform; '' if unknown. */
    address: string;
    /** Starts a worker after the response, because a delivery has become due. */
    wake: () => void;
  };
  Variables: {
    /** The person who sends the request; recorded with each action. */
    who: string;
    role: OperatorRole;
    /** When the session expires; null for a bearer token. */
    expiresAt: Date | null;
    /** The member of the response that is not masked. */
    exact?: string;
  };
}

export function accessIn(c: Context<Joined>): Access {
  const { operators, local } = c.env.config;
  return accessOf(c.req.raw, operators, { local, now: Date.now(), address: c.env.address });
}

/** Requests other than GET that viewers may send: they only change their own session. */
const viewersMay = ["/api/sign-out"];

/**
 * Operators may send all requests, viewers only reading ones. Decided by the method and not for each route, so that actions that are
 * added later are closed to viewers by default.
 */
export const signedInOnly = createMiddleware<Joined>(async (c, next) => {
  const access = accessIn(c);
  if (!access.ok) return refuse(access.reason, { config: c.env.config, retryAfter: access.retryAfter });
  const reads = ["GET", "HEAD"].includes(c.req.method) || viewersMay.includes(c.req.path);
  if (access.role === "viewer" && !reads) return refuse("viewers-only-read");
  c.set("who", access.operator);
  c.set("role", access.role);
  c.set("expiresAt", access.expiresAt);
  await next();
});

/** For data that viewers may not read: exact bytes, which contain everything that people entered into their assets. */
export const operatorsOnly = createMiddleware<Joined>(async (c, next) =>
  c.get("role") === "operator" ? await next() : refuse("viewers-only-read"),
);

/** Validates a query, body or parameter: 400 with the problem if it does not match its schema, 404 for an invalid id in the path. */
export function valid<S extends z.ZodType, T extends keyof ValidationTargets>(target: T, schema: S) {
  return zValidator(target, schema, (result): Response | undefined => {
    if (result.success) return undefined;
    if (target === "param") return Response.json({ error: { reason: "no-such-id" } }, { status: 404 });
    const hint = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    return Response.json({ error: { reason: "invalid-request", hint } }, { status: 400 });
  });
}

export const idParam = z.object({ id: z.uuid() });

/** The reason of an operator's action, which is recorded with it. */
export const reason = z.string().trim().min(3, "must have at least 3 characters").max(500);
