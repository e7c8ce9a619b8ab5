import { Hono } from "hono";
import type { Joined } from "../context.ts";
import { isLocalStack } from "../local-stack.ts";
import { endedCookie } from "../session-cookie.ts";

export const session = new Hono<Joined>()
  .get("/session", (c) =>
    c.json({
      operator: c.get("who"),
      role: c.get("role"),
      expiresAt: c.get("expiresAt"),
      localStack: isLocalStack(c.env.config, c.req.url),
    }),
  )
  .post("/sign-out", (c) => {
    c.header("set-cookie", endedCookie(c.env.config.local));
    return c.json({ signedOut: true });
  });
