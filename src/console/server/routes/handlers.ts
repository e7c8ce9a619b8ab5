import { Hono } from "hono";
import * as z from "zod";
import { workHandler } from "../../../handlers/faces/handler.ts";
import { pauseHandler, resumeHandler } from "../../../lib/deliveries/pause.ts";
import { routedHandlers } from "../../../lib/shared/routed-handlers.ts";
import { settings } from "../../../settings.ts";
import { type Joined, reason, valid } from "../context.ts";

const nameParam = z.object({ name: z.string().regex(/^[\w:.-]{1,100}$/) });

interface HandlerRow {
  name: string;
  /** Whether a route or a connector in the settings names it. */
  configured: boolean;
  pausedAt: Date | null;
  pausedBy: string | null;
  pauseReason: string | null;
  due: number;
  running: number;
  held: number;
  dead: number;
}

export const handlers = new Hono<Joined>()
  .get("/handlers", async (c) => c.json({ handlers: await list(c.env) }))
  .post(
    "/handlers/:name/pause",
    valid("param", nameParam),
    valid("json", z.object({ reason })),
    async (c) => {
      await pauseHandler(c.env.db, c.req.valid("param").name, {
        who: c.get("who"),
        reason: c.req.valid("json").reason,
      });
      return c.json({ handlers: await list(c.env) });
    },
  )
  .post(
    "/handlers/:name/resume",
    valid("param", nameParam),
    valid("json", z.object({ reason })),
    async (c) => {
      await resumeHandler(c.env.db, c.req.valid("param").name, {
        who: c.get("who"),
        reason: c.req.valid("json").reason,
      });
      c.env.wake();
      return c.json({ handlers: await list(c.env) });
    },
  );

const openStates = ["due", "running", "held", "dead"] as const;

/** The handlers in the settings, and any others that are paused or have open deliveries. */
async function list({ db, config }: Joined["Bindings"]): Promise<HandlerRow[]> {
  const routed = Object.keys(settings.routes).flatMap((type) => routedHandlers(type, settings, config));
  const work = config.faces === null ? [] : [workHandler];
  const configured = [...new Set([...routed, ...settings.pim.connectors, ...work])];
  const { rows } = await db.query<HandlerRow>(
    // One query for each state, so that each uses its partial index; a single condition would read all deliveries.
    `with open as (
       ${openStates
         .map(
           (state) =>
             `select handler as name, '${state}' as state, count(*)::int as n from deliveries where state = '${state}' group by 1`,
         )
         .join(" union all ")}
     ), named as (
       select unnest($1::text[]) as name union select name from open union select handler from paused_handlers
     )
     select named.name, named.name = any ($1::text[]) as configured, p.paused_at as "pausedAt", p.paused_by as "pausedBy", p.reason as "pauseReason",
            ${openStates
              .map(
                (state) =>
                  `coalesce((select n from open o where o.name = named.name and o.state = '${state}'), 0) as ${state}`,
              )
              .join(", ")}
     from named left join paused_handlers p on p.handler = named.name order by named.name`,
    [configured],
  );
  return rows;
}
