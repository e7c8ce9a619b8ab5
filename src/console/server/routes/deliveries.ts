import { Hono } from "hono";
import * as z from "zod";
import type { ToParam } from "../../../lib/database/sql.ts";
import { discard, replay } from "../../../lib/deliveries/operator-acts.ts";
import { stop } from "../api-error.ts";
import { idParam, type Joined, reason, valid } from "../context.ts";
import { deletionsOf, factContext, releasesOf } from "../queries/releases.ts";

const replayBody = z.object({
  reason,
  forget: z.boolean().default(false),
  /** How many pictures the replay deletes: 1 if the delivery deletes one. */
  deletes: z.number().int().min(0).default(0),
});

const byId = (id: string) => (param: ToParam) => `d.id = ${param(id)}::uuid`;

/** Actions on a single delivery. Replaying a held delivery releases it. */
export const deliveries = new Hono<Joined>()
  // The effect of a replay of a held or dead delivery, to show it in advance; `deletions` as /stuck/deletions lists them.
  .get("/deliveries/:id/release", valid("param", idParam), async (c) => {
    const { id } = c.req.valid("param");
    const { rows } = await c.env.db.query<{ id: string; handler: string }>(
      "select id, handler from deliveries where id = $1::uuid and state in ('held', 'dead')",
      [id],
    );
    const context = await factContext(c);
    const releases = await releasesOf(c.env.db, rows, context);
    const found = await deletionsOf(c.env.db, byId(id), { limit: 1, context });
    return c.json({ release: releases.get(id) ?? stop(409, "not-held"), deletions: found?.deletions ?? [] });
  })
  .post("/deliveries/:id/replay", valid("param", idParam), valid("json", replayBody), async (c) => {
    const { reason: why, forget, deletes } = c.req.valid("json");
    const which = byId(c.req.valid("param").id);
    const found = await deletionsOf(c.env.db, which, { limit: 1, context: await factContext(c) });
    if (found?.deletions.length !== deletes) stop(409, "deletions-differ");
    const acting = { who: c.get("who"), reason: why, forget, limit: 1 };
    const { replayed } = await replay(c.env.db, which, acting);
    if (replayed === 0) stop(409, "not-replayable");
    c.env.wake();
    return c.json({ replayed });
  })
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
