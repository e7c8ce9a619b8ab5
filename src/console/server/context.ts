import { zValidator } from "@hono/zod-validator";
import type { Context, ValidationTargets } from "hono";
import { createMiddleware } from "hono/factory";
import * as z from "zod";
import type { Config } from "../../config.types.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { OperatorRole } from "../../lib/shared/operators.ts";
import { type Access, accessOf } from "./auth.ts";
import { refuse } from "./sign-in.ts";

/** What every route has at hand. */
export interface Joined {
  Bindings: {
    config: Config;
    db: Db;
    /** The visitor's IP address as the platform says it; '' where it says none. */
    address: string;
    /** Asks for a worker after the answer, because something has become due. */
    wake: () => void;
  };
  Variables: {
    /** Who asks; recorded with what they do. */
    who: string;
    role: OperatorRole;
    /** When the session ends; null with a bearer token. */
    expiresAt: Date | null;
    /** The member of the answer that is not masked. */
    exact?: string;
  };
}

export function accessIn(c: Context<Joined>): Access {
  const { operators, local } = c.env.config;
  return accessOf(c.req.raw, operators, { local, now: Date.now(), address: c.env.address });
}

/** What a viewer may send though it is no GET: it changes nothing but their own session. */
const viewersMay = ["/api/sign-out"];

/**
 * Operators may do everything behind it; viewers only read. Decided by the method and not route by route, so that an act that is
 * added later is closed to viewers from the start.
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

/** For what viewers may not even read: exact bytes, which hold whatever people wrote into their assets. */
export const operatorsOnly = createMiddleware<Joined>(async (c, next) =>
  c.get("role") === "operator" ? await next() : refuse("viewers-only-read"),
);

/** A query, body or parameter that fits its schema, or 400 with what is wrong with it; 404 for an address of nothing. */
export function valid<S extends z.ZodType, T extends keyof ValidationTargets>(target: T, schema: S) {
  return zValidator(target, schema, (result): Response | undefined => {
    if (result.success) return undefined;
    if (target === "param") return Response.json({ error: { reason: "no-such-id" } }, { status: 404 });
    const hint = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    return Response.json({ error: { reason: "invalid-request", hint } }, { status: 400 });
  });
}

export const idParam = z.object({ id: z.uuid() });

/** Why an operator did what they did; kept with the act. */
export const reason = z.string().trim().min(3, "must have at least 3 characters").max(500);
