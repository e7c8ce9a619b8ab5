import { Hono } from "hono";
import * as z from "zod";
import type { ToParam } from "../../../lib/database/sql.ts";
import { discard, replay } from "../../../lib/deliveries/operator-acts.ts";
import { stop } from "../api-error.ts";
import { idParam, type Joined, reason, valid } from "../context.ts";
import { factContext, releasesOf } from "../queries/releases.ts";

const byId = (id: string) => (param: ToParam) => `d.id = ${param(id)}::uuid`;

/** Actions on a single delivery. Replaying a held delivery releases it. */
export const deliveries = new Hono<Joined>()
  // The effect of a release, to show it in advance.
  .get("/deliveries/:id/release", valid("param", idParam), async (c) => {
    const { id } = c.req.valid("param");
    const { rows } = await c.env.db.query<{ id: string; handler: string }>(
      "select id, handler from deliveries where id = $1::uuid and state = 'held'",
      [id],
    );
    const releases = await releasesOf(c.env.db, rows, await factContext(c));
    return c.json({ release: releases.get(id) ?? stop(409, "not-held") });
  })
  .post(
    "/deliveries/:id/replay",
    valid("param", idParam),
    valid("json", z.object({ reason, forget: z.boolean().default(false) })),
    async (c) => {
      const { reason: why, forget } = c.req.valid("json");
      const { replayed } = await replay(c.env.db, byId(c.req.valid("param").id), {
        who: c.get("who"),
        reason: why,
        forget,
        limit: 1,
      });
      if (replayed === 0) stop(409, "not-replayable");
      c.env.wake();
      return c.json({ replayed });
    },
  )
  .post(
    "/deliveries/:id/discard",
    valid("param", idParam),
    valid("json", z.object({ reason })),
    async (c) => {
      const { discarded } = await discard(c.env.db, byId(c.req.valid("param").id), {
        who: c.get("who"),
        reason: c.req.valid("json").reason,
        limit: 1,
      });
      if (discarded === 0) stop(409, "not-held-or-dead");
      return c.json({ discarded });
    },
  );
