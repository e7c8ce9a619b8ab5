import { Hono } from "hono";
import * as z from "zod";
import type { Db } from "../../../lib/database/pool.ts";
import { planMissing, replay, type Which } from "../../../lib/deliveries/operator-acts.ts";
import { routedHandlers } from "../../../lib/shared/routed-handlers.ts";
import { settings } from "../../../settings.ts";
import { findRecord } from "../../shared/record.ts";
import { sampleSecretName } from "../../shared/samples.ts";
import { stop } from "../api-error.ts";
import { idParam, type Joined, operatorsOnly, reason, valid } from "../context.ts";
import { mediaLibraryLink } from "../media-library.ts";
import { shownBody } from "../queries/body.ts";
import { countsQuery, histogram } from "../queries/counts.ts";
import { listed, listQuery } from "../queries/list.ts";
import { deletionsOf, factContext } from "../queries/releases.ts";
import { refreshSearch } from "../queries/search/refresh.ts";
import { searchStanding } from "../queries/search/standing.ts";
import { storyOf } from "../queries/story.ts";

const replayBody = z.object({
  reason,
  /** Only this handler; absent: all deliveries of the notification, and handlers that its type is now routed to. */
  handler: z.string().optional(),
  /** Start over: repeat completed steps. */
  forget: z.boolean().default(false),
  /** How many pictures the replay deletes, as the refusal and `withheld` count them; absent: what would delete is left out. */
  deletes: z.number().int().min(0).optional(),
});

const noSuch = () => stop(404, "no-such-notification");

export const notifications = new Hono<Joined>()
  .get("/notifications", valid("query", listQuery), async (c) => {
    const query = c.req.valid("query");
    if (query.q !== undefined) await refreshSearch(c.env.db);
    const standing = query.q === undefined ? null : await searchStanding(c.env.db);
    const { rows, next, searchedTo } = await listed(c.env.db, query);
    return c.json({ notifications: rows, next, searchedTo, search: standing });
  })
  .get("/notifications/counts", valid("query", countsQuery), async (c) =>
    c.json(await histogram(c.env.db, c.req.valid("query"))),
  )
  .get("/notifications/:id", valid("param", idParam), async (c) => {
    const record = (await findRecord(c.env.db, c.req.valid("param").id)) ?? noSuch();
    // For `show --body`; viewers see no exact bytes.
    c.set("exact", "body");
    return c.json(c.get("role") === "operator" ? record : { ...record, body: null });
  })
  .get("/notifications/:id/story", valid("param", idParam), async (c) => {
    const story =
      (await storyOf(c.env.db, c.req.valid("param").id, (type) =>
        routedHandlers(type, settings, c.env.config),
      )) ?? noSuch();
    return c.json({ ...story, assetLink: mediaLibraryLink(c.env.config, story.record) });
  })
  .get("/notifications/:id/body", valid("param", idParam), async (c) => {
    const body = await bodyOf(c.env.db, c.req.valid("param").id);
    return c.json(shownBody(body ?? noSuch()));
  })
  .get("/notifications/:id/body/recorded", operatorsOnly, valid("param", idParam), async (c) => {
    const { id } = c.req.valid("param");
    const body = await bodyOf(c.env.db, id);
    return c.body(Buffer.from(body ?? noSuch()), 200, {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="notification-${id}.json"`,
      "content-security-policy": "sandbox",
    });
  })
  .post("/notifications/:id/replay", valid("param", idParam), valid("json", replayBody), async (c) => {
    const { id } = c.req.valid("param");
    const { handler, forget, deletes, reason: why } = c.req.valid("json");
    const acting = { who: c.get("who"), reason: why };
    const found = await c.env.db.query<{ type: string; secretName: string | null }>(
      `select type, secret_name as "secretName" from notifications where id = $1::uuid`,
      [id],
    );
    const { type, secretName } = found.rows[0] ?? noSuch();
    // Samples have no effect, now or later.
    if (secretName === sampleSecretName) stop(409, "sample");
    const meant: Which = (param) =>
      [
        `d.notification_id = ${param(id)}::uuid`,
        ...(handler === undefined ? [] : [`d.handler = ${param(handler)}`]),
      ].join(" and ");
    // What deletes is replayed only if the caller says so, whichever handler is named.
    const looked = await deletionsOf(c.env.db, meant, { limit: null, context: await factContext(c) });
    const deletions = looked?.deletions ?? stop(409, "too-many-to-count");
    if (deletes !== undefined && deletions.length !== deletes) stop(409, "deletions-differ");
    const deleting = deletes === undefined ? deletions.map(({ id }) => id) : [];
    const { replayed } = await replay(
      c.env.db,
      (param) => `${meant(param)} and d.id <> all (${param(deleting)}::uuid[])`,
      { ...acting, forget, limit: 1_000 },
    );
    const routed = routedHandlers(type, settings, c.env.config).filter(
      (name) => handler === undefined || name === handler,
    );
    const planned = await planMissing(c.env.db, id, routed, acting);
    if (replayed + planned > 0) c.env.wake();
    return c.json({
      replayed,
      planned,
      ...(deleting.length > 0 && { withheld: deleting.length, deletions }),
    });
  });

async function bodyOf(db: Db, id: string): Promise<Uint8Array | null> {
  const { rows } = await db.query<{ body: Uint8Array }>(
    "select body from notifications where id = $1::uuid",
    [id],
  );
  return rows[0]?.body ?? null;
}
