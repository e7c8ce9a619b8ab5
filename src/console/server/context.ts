import { zValidator } from "@hono/zod-validator";
import type { ValidationTargets } from "hono";
import { createMiddleware } from "hono/factory";
import * as z from "zod";
import type { Config } from "../../config.ts";
import type { Db } from "../../lib/database/pool.ts";
import { accessOf } from "./auth.ts";
import { refuse } from "./sign-in.ts";

/** What every route has at hand. */
export interface Joined {
  Bindings: {
    config: Config;
    db: Db;
    /** Asks for a worker after the answer, because something has become due. */
    wake: () => void;
  };
  Variables: {
    /** Who asks; recorded with what they do. */
    who: string;
    /** When the session ends; null with a bearer token. */
    expiresAt: Date | null;
  };
}

export const operatorsOnly = createMiddleware<Joined>(async (c, next) => {
  const { operators, local } = c.env.config;
  const access = accessOf(c.req.raw, operators, { local, now: Date.now() });
  if (!access.ok) return refuse(access.reason);
  c.set("who", access.operator);
  c.set("expiresAt", access.expiresAt);
  await next();
});

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
export const reason = z.string().trim().min(3, "say why, in at least three characters").max(500);
