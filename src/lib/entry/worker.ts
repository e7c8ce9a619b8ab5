import { type Config, isPreview, readConfig } from "../../config.ts";
import { email } from "../../handlers/email/handler.ts";
import { moderation } from "../../handlers/moderation/handler.ts";
import { pim } from "../../handlers/pim/handler.ts";
import { pimWebhook } from "../../handlers/pim-webhook/handler.ts";
import { settings } from "../../settings.ts";
import { cloudinaryApi } from "../cloudinary/api.ts";
import { type Db, database } from "../database/pool.ts";
import { deliver } from "../deliveries/deliver.ts";
import { earliestDue } from "../deliveries/earliest-due.ts";
import type { Handler } from "../deliveries/handler.ts";
import { isNudge, sendNudge } from "../deliveries/nudge.ts";
import { sweep } from "../deliveries/sweep.ts";
import { type Alarm, alarm } from "../deliveries/wake-up.ts";
import { failure, respond } from "../receive/respond.ts";
import { reconcile } from "../reconcile/reconcile.ts";
import { log } from "../shared/log.ts";
import type { InvocationContext } from "./hook.ts";

/** Background functions are ended after 15 minutes. */
const backgroundMs = 14 * 60_000;
/** Scheduled ones after 30 s: the last claim comes 20 s in, and its handler has 8 s. */
const sweepMs = 28_000;
const sweepHandlerTimeoutMs = 8_000;
/** Leaves the last page of `reconcile` time to be compared. */
const reconcileMs = 18_000;

interface Worker {
  config: Config;
  db: Db;
  handlers: Handler[];
  alarm: Alarm | null;
}

/** Where the heavy parts are joined, for the functions that deliver. */
function worker(context: InvocationContext): Worker | Response {
  if (isPreview(context.deploy.context) && settings.previewDatabaseVariable === null)
    return respond({ kind: "unavailable", reason: "preview" });
  const reading = readConfig(settings, context.deploy.context);
  if (!reading.ok) {
    log("error", "not configured, nothing is delivered", { problems: reading.problems.join("; ") });
    return respond({ kind: "not-configured" });
  }
  const { config } = reading;
  return {
    config,
    db: database({ url: config.databaseUrl, max: 4, timeoutMs: 10_000 }),
    handlers: [
      mailer(config, context),
      pim(config.cloudinary),
      pusher(config),
      moderation(config.cloudinary),
    ],
    alarm: config.databaseSleeps ? alarm() : null,
  };
}

/** Private addresses are for a stand-in beside `netlify dev` alone. */
function pusher({ pimWebhook: target, local }: Config): Handler {
  return pimWebhook(target && { ...target, allowPrivate: local });
}

/** A preview may hold a copy of real addresses, so SendGrid only checks its mail. */
function mailer({ mail, siteUrl, cloudinary }: Config, { deploy }: InvocationContext): Handler {
  const sandbox = isPreview(deploy.context) && !settings.email.fromPreviews;
  return email(mail, { sandbox, siteUrl, cloudinary });
}

/** deliver-background: only the receiver's own nudge gets in. */
export async function deliverBackground(request: Request, context: InvocationContext): Promise<Response> {
  const joined = worker(context);
  if (joined instanceof Response) return joined;
  const { config, db, handlers, alarm: bell } = joined;
  if (!isNudge(request.headers, config.secrets, Date.now())) return failure(401, "not-a-nudge");
  const { handlerTimeoutMs, leaseMarginMs } = settings.deliver;
  // Before the first claim, so that a worker that dies is looked after.
  await bell?.ring(new Date(Date.now() + handlerTimeoutMs + leaseMarginMs));
  await deliver({ db, handlers, settings, budgetMs: backgroundMs, handlerTimeoutMs });
  const next = bell ? await earliestDue(db) : null;
  if (next) await bell?.ring(next);
  return new Response(null, { status: 200 });
}

/** sweep: delivers by itself, so that a plan without background functions still works. */
export async function runSweep(request: Request, context: InvocationContext): Promise<Response> {
  const joined = worker(context);
  if (joined instanceof Response) return joined;
  const { config, db, handlers, alarm: bell } = joined;
  const swept = await sweep({
    db,
    alarm: bell,
    now: new Date(),
    retentionDays: settings.retention.days,
    deliver: () =>
      deliver({
        db,
        handlers,
        settings,
        budgetMs: sweepMs,
        handlerTimeoutMs: sweepHandlerTimeoutMs,
        secondLookMs: 0,
      }),
    nudge: () => sendNudge(config.localUrl ?? new URL(request.url).origin, config.secrets),
  });
  return Response.json(swept);
}

/** reconcile: finds what never arrived, and leaves its delivery to a worker. */
export async function runReconcile(request: Request, context: InvocationContext): Promise<Response> {
  const joined = worker(context);
  if (joined instanceof Response) return joined;
  const { config, db, alarm: bell } = joined;
  if (!config.cloudinary) return Response.json({ skipped: "no-account" });
  const api = cloudinaryApi(config.cloudinary);
  const reconciled = await reconcile({ db, api, settings, now: new Date(), budgetMs: reconcileMs });
  const { decisions, uploads } = reconciled.missed;
  if (decisions + uploads > 0) {
    await bell?.ring(new Date());
    await sendNudge(config.localUrl ?? new URL(request.url).origin, config.secrets);
  }
  return Response.json(reconciled);
}
