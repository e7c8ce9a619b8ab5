import { readEvents } from "../../handlers/email/events/read-events.ts";
import { recordEvents } from "../../handlers/email/events/record-events.ts";
import { readEventKey, verifyEvents } from "../../handlers/email/events/verify-events.ts";
import { settings } from "../../settings.ts";
import { database } from "../database/pool.ts";
import { settleConfirmed } from "../deliveries/settle-confirmed.ts";
import { readBody } from "../receive/read-body.ts";
import { closed, failure, respond } from "../receive/respond.ts";
import { errorText, log } from "../shared/log.ts";
import { type DeployContext, enter } from "./enter.ts";

/** sendgrid: receives SendGrid's Event Webhook. SendGrid repeats a request that is not answered with 2xx. */
export async function sendgridEvents(request: Request, context: DeployContext): Promise<Response> {
  const entry = enter(request, context);
  if (!entry.ok) return respond(closed(entry.reason));
  const { config } = entry;
  if (request.method !== "POST") return failure(405, "method-not-allowed", { allow: "POST" });
  if (config.sendgridEventKey === null) return failure(404, "not-configured");
  const key = readEventKey(config.sendgridEventKey);
  if (key === null) {
    log("error", "SENDGRID_WEBHOOK_KEY is not a verification key of SendGrid; events are rejected");
    return failure(500, "not-configured");
  }
  const reading = await readBody(request, settings.receive);
  if (!reading.ok) return respond({ kind: "refused", reason: reading.reason });
  const verdict = verifyEvents(request.headers, reading.body, { key, now: Date.now() });
  if (verdict !== "verified") {
    log("warn", "SendGrid events rejected", { reason: verdict });
    return failure(401, verdict);
  }
  const events = readEvents(reading.body);
  if (events === null) return failure(400, "body-unreadable");
  const { databaseUrl: url, databaseCa: ca } = config;
  const db = database({ url, ca, max: 1, timeoutMs: settings.receive.recordTimeoutMs });
  try {
    const added = await recordEvents(db, events);
    if (added > 0) await settleConfirmed(db);
    return Response.json({ recorded: added }, { headers: { "cache-control": "no-store" } });
  } catch (error) {
    log("error", "SendGrid events not recorded", { error: errorText(error), events: events.length });
    return failure(503, "database");
  }
}
