import { Hono } from "hono";
import { listDrift } from "../../../lib/drift/list-drift.ts";
import type { Joined } from "../context.ts";

/** What Cloudinary sends and no schema knows. Bounded, so there are no pages. */
export const drift = new Hono<Joined>().get("/drift", async (c) =>
  c.json({ drift: await listDrift(c.env.db) }),
);
