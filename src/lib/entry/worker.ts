import { alertChannels } from "../../alerts/channels.ts";
import { runAlerts } from "../../alerts/run.ts";
import { forgetLinks } from "../../approve/uses.ts";
import { isPreview } from "../../config.ts";
import type { Config } from "../../config.types.ts";
import { isSweepLate } from "../../doctor/receiver/warnings.ts";
import { forgetMailEvents } from "../../handlers/email/events/record-events.ts";
import { erasureMeans } from "../../handlers/erase-parts.ts";
import { facesOff } from "../../handlers/faces/handler.ts";
import { nextFaceWork } from "../../handlers/faces/removals.ts";
import { forwardTargets } from "../../handlers/forward/handler.ts";
import { handlers } from "../../handlers/list.ts";
import { namedSkus } from "../../handlers/pim/named-skus.ts";
import { forgetErasedUrls } from "../../handlers/pim-akeneo/written-urls.ts";
import { settings } from "../../settings.ts";
import { accountOf } from "../cloudinary/accounts.ts";
import { type CloudinaryApi, cloudinaryApi } from "../cloudinary/api.ts";
import { type Db, database } from "../database/pool.ts";
import { deliver } from "../deliveries/deliver.ts";
import type { Handler, RecordedNotification } from "../deliveries/handler.ts";
import { heartbeat } from "../deliveries/heartbeat.ts";
import { facesPath, isNudge, sendNudge } from "../deliveries/nudge.ts";
import { startHandlers } from "../deliveries/start-handlers.ts";
import { sweep } from "../deliveries/sweep.ts";
import { type WakeUps, wakeUps } from "../deliveries/wake-up.ts";
import { countDrift } from "../drift/count-drift.ts";
import { continueOpenErasures } from "../erasure/continue-erasure.ts";
import { drainChannel } from "../polling/drain-channel.ts";
import { listAssets } from "../receive/list-assets.ts";
import { closed, failure, respond } from "../receive/respond.ts";
import { type Reconciled, reconcile } from "../reconcile/reconcile.ts";
import { addMissedToSearch, addNewToSearch, addOldToSearch } from "../search/add-to-search.ts";
import { stopwatch } from "../shared/stopwatch.ts";
import { enter } from "./enter.ts";
import { followUp, planWaiting, readAssets } from "./follow-up.ts";
import type { InvocationContext } from "./hook.ts";

/** Background functions are ended after 15 minutes. */
const backgroundMs = 14 * 60_000;
/** Scheduled functions are ended after 30 s: the last claim is made after 20 s, and its handler has 8 s. */
const sweepMs = 28_000;
const sweepHandlerTimeoutMs = 8_000;
/** The part of the sweep's time for polling. */
const drainMs = 8_000;
/** Leaves enough time to compare the last page of `reconcile`. */
const reconcileMs = 18_000;
/** The time for adding notifications to the search; the next run continues. */
const searchMs = 5_000;
const sweepSearchMs = 1_500;
/** The time for counting what the schemas do not know; the next run continues. */
const driftMs = 1_000;
const sweepDriftMs = 500;
/** A wake-up is scheduled again after this time, while a worker runs. */
const safeguardMs = 45_000;

interface Worker {
  config: Config;
  /** The URL of this site. */
  origin: string;
  db: Db;
  /** One for each account. */
  apis: readonly CloudinaryApi[];
  handlers: Handler[];
  wakeUps: WakeUps | null;
  /** Finds and reports alerts. */
  alert: () => Promise<Date | null>;
}

/** Wires the functions that deliver, including the heavy packages. */
function worker(request: Request, context: InvocationContext): Worker | Response {
  const entry = enter(request, context);
  if (!entry.ok) return respond(closed(entry.reason));
  const { config, variables, origin } = entry;
  const apis = config.accounts.map((account) => cloudinaryApi(account));
  const db = database({ url: config.databaseUrl, ca: config.databaseCa, max: 4, timeoutMs: 10_000 });
  return {
    config,
    origin,
    db,
    apis,
    handlers: [
      ...startHandlers([...handlers, ...forwardTargets(settings.forward)], {
        config,
        settings,
        variables,
        api: apis[0] ?? null,
        apiOf: (cloud) =>
          apis.find(({ cloudName }) => cloudName === accountOf(config, cloud)?.cloudName) ?? null,
        sandbox: isSandbox(context),
      }),
      ...(config.faces === null ? [facesOff] : []),
    ],
    wakeUps: config.databaseSleeps ? wakeUps() : null,
    alert: () =>
      runAlerts({ db, config, settings, channels: alertChannels(config, settings, isSandbox(context)) }),
  };
}

/** A preview may have a copy of production data, so SendGrid only validates its mail. */
function isSandbox({ deploy }: InvocationContext): boolean {
  return isPreview(deploy.context) && !settings.email.fromPreviews;
}

const skusOf = (notification: RecordedNotification) => namedSkus(notification, settings.pim);

/** deliver-background: accepts only the receiver's own nudge. */
export async function deliverBackground(request: Request, context: InvocationContext): Promise<Response> {
  const wired = worker(request, context);
  if (wired instanceof Response) return wired;
  const { config, db, handlers, wakeUps, alert } = wired;
  if (!isNudge(request.headers, config.secrets, Date.now())) return failure(401, "not-a-nudge");
  const { handlerTimeoutMs, leaseMarginMs } = settings.deliver;
  const lost = wakeUps?.safeguard();
  const safeguard = () => lost?.renew(new Date(Date.now() + handlerTimeoutMs + leaseMarginMs));
  // Face recognition and the search follow what was delivered.
  const passOn = async (budgetMs: number) => {
    await startFaces(wired);
    await addNewToSearch(db, { settings, skusOf, budgetMs });
  };
  // Before the first claim, so that the sweep continues the work of a worker that crashes.
  await safeguard();
  let safeMs = stopwatch();
  await deliver({
    db,
    handlers,
    settings,
    budgetMs: backgroundMs,
    handlerTimeoutMs,
    isPresent: true,
    meanwhile: async () => {
      if (safeMs() > safeguardMs) {
        safeMs = stopwatch();
        await safeguard();
        await heartbeat(db, "deliver-background");
      }
      await passOn(sweepSearchMs);
    },
  });
  await passOn(searchMs);
  await countDrift(db, { settings, budgetMs: driftMs });
  await heartbeat(db, "deliver-background");
  if (wakeUps) {
    for (const at of await followUp(wired)) await wakeUps.schedule(at);
    await lost?.withdraw();
  }
  // Alerts are the sweep's task; when the sweep is silent, this is who notices.
  else if (await isSweepLate(db, false)) await alert();
  return new Response(null, { status: 200 });
}

/** sweep: delivers as well, so that plans without background functions work. */
export async function runSweep(request: Request, context: InvocationContext): Promise<Response> {
  const wired = worker(request, context);
  if (wired instanceof Response) return wired;
  const { config, origin, db, handlers, wakeUps, alert } = wired;
  const swept = await sweep({
    db,
    wakeUps,
    now: new Date(),
    budgetMs: sweepMs,
    retention: settings.retention,
    drain: () => drain(wired),
    deliver: async (budgetMs) => {
      await listAssets(db, settings, budgetMs);
      // Before the delivery, so that they go out at once.
      await planWaiting({ config, db });
      return await deliver({
        db,
        handlers,
        settings,
        budgetMs,
        handlerTimeoutMs: sweepHandlerTimeoutMs,
        secondLookMs: 0,
      });
    },
    read: () => readAssets(wired),
    erase: async () => {
      await forgetErasedUrls(db, settings.retention.days);
      await forgetMailEvents(db, settings.retention.days);
      await forgetLinks(db, settings.approveByLink.validMs);
      return await continueOpenErasures(db, erasureMeans);
    },
    search: async () => {
      const options = { settings, skusOf, budgetMs: sweepSearchMs };
      return (
        (await addNewToSearch(db, options)) +
        (await addOldToSearch(db, options)) +
        (await addMissedToSearch(db, options))
      );
    },
    alert,
    nudge: () => sendNudge(origin, config.secrets),
  });
  if (swept.looked) {
    await startFaces(wired);
    await countDrift(db, { settings, budgetMs: sweepDriftMs });
  }
  return Response.json(swept);
}

/** Starts the function that works on faces, if there is something to do. */
async function startFaces({ config, db, origin }: Worker): Promise<void> {
  if (config.faces === null) return;
  const next = await nextFaceWork(db);
  if (next !== null && next.getTime() <= Date.now()) await sendNudge(origin, config.secrets, facesPath);
}

/** Polling, if the settings name a channel. */
async function drain({ config, db }: Worker): Promise<number> {
  const { channel } = settings.receive.polling;
  if (channel === null) return 0;
  const elapsedMs = stopwatch();
  let total = 0;
  for (const [index, account] of config.accounts.entries()) {
    const budgetMs = (drainMs - elapsedMs()) / (config.accounts.length - index);
    const { recorded } = await drainChannel({ account, channel, config, settings, db, budgetMs });
    total += recorded;
  }
  return total;
}

/** reconcile: finds missed notifications; a worker delivers them. */
export async function runReconcile(request: Request, context: InvocationContext): Promise<Response> {
  const wired = worker(request, context);
  if (wired instanceof Response) return wired;
  const { config, origin, db, apis, wakeUps } = wired;
  if (apis.length === 0) return Response.json({ skipped: "no-account" });
  const elapsedMs = stopwatch();
  const runs: [string, Reconciled][] = [];
  for (const [index, api] of apis.entries()) {
    const budgetMs = (reconcileMs - elapsedMs()) / (apis.length - index);
    runs.push([api.cloudName, await reconcile({ db, api, settings, now: new Date(), budgetMs })]);
  }
  if (runs.some(([, { missed }]) => missed.decisions + missed.uploads > 0)) {
    await wakeUps?.schedule(new Date());
    await sendNudge(origin, config.secrets);
  }
  return Response.json(runs.length === 1 ? runs[0]?.[1] : { clouds: Object.fromEntries(runs) });
}
