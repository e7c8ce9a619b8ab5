import { Hono } from "hono";
import * as z from "zod";
import { listAlerts, muteAlert, unmuteAlert } from "../../../alerts/mute.ts";
import { stop } from "../api-error.ts";
import { type Joined, reason, valid } from "../context.ts";

const causeParam = z.object({ cause: z.string().regex(/^[\w:.-]{1,200}$/) });
const why = z.object({ reason });

/** The causes of alerts, and which of them are muted. */
export const alerts = new Hono<Joined>()
  .get("/alerts", async (c) => c.json({ alerts: await listAlerts(c.env.db) }))
  .post("/alerts/:cause/mute", valid("param", causeParam), valid("json", why), async (c) => {
    const acting = { who: c.get("who"), reason: c.req.valid("json").reason };
    if (!(await muteAlert(c.env.db, c.req.valid("param").cause, acting))) return stop(404, "no-such-alert");
    return c.json({ alerts: await listAlerts(c.env.db) });
  })
  .post("/alerts/:cause/unmute", valid("param", causeParam), valid("json", why), async (c) => {
    const acting = { who: c.get("who"), reason: c.req.valid("json").reason };
    if (!(await unmuteAlert(c.env.db, c.req.valid("param").cause, acting))) return stop(404, "no-such-alert");
    return c.json({ alerts: await listAlerts(c.env.db) });
  });
