import type { Config } from "../../config.types.ts";
import { carryOutRemovals, nextFaceWork } from "../../handlers/faces/removals.ts";
import { continueRerun } from "../../handlers/faces/rerun.ts";
import { clientsOf, facesRekognition } from "../../handlers/faces/work.ts";
import { settings } from "../../settings.ts";
import { database } from "../database/pool.ts";
import { deliver } from "../deliveries/deliver.ts";
import { heartbeat } from "../deliveries/heartbeat.ts";
import { isNudge } from "../deliveries/nudge.ts";
import { wakeUps } from "../deliveries/wake-up.ts";
import { closed, failure, respond } from "../receive/respond.ts";
import { enter } from "./enter.ts";
import type { InvocationContext } from "./hook.ts";

/** Background functions are ended after 15 minutes. */
const backgroundMs = 14 * 60_000;
/** The last picture of a rerun may take this long. */
const marginMs = 2 * 60_000;

/**
 * faces-background: the deliveries of `faces:rekognition`, removals and reruns. A function of its own, so that no other one contains the
 * AWS SDK. Accepts only the receiver's own nudge.
 */
export async function facesBackground(request: Request, context: InvocationContext): Promise<Response> {
  const entry = enter(request, context);
  if (!entry.ok) return respond(closed(entry.reason));
  const { config } = entry;
  if (!isNudge(request.headers, config.secrets, Date.now())) return failure(401, "not-a-nudge");
  if (config.faces !== null) await workOn(config, { connection: config.faces, accounts: config.accounts });
  return new Response(null, { status: 200 });
}

async function workOn(config: Config, accounts: Parameters<typeof facesRekognition>[0]): Promise<void> {
  const endsAt = Date.now() + backgroundMs;
  const db = database({ url: config.databaseUrl, ca: config.databaseCa, max: 4, timeoutMs: 10_000 });
  const wakes = config.databaseSleeps ? wakeUps() : null;
  const { handlerTimeoutMs, leaseMarginMs } = settings.deliver;
  await wakes?.schedule(new Date(Date.now() + handlerTimeoutMs + leaseMarginMs));
  await deliver({
    db,
    handlers: [facesRekognition(accounts)],
    settings,
    budgetMs: backgroundMs - marginMs,
    handlerTimeoutMs,
    // The worker that plans these deliveries sends a nudge after each round.
    secondLookMs: 500,
  });
  const clients = clientsOf(accounts, settings.faces);
  if (typeof clients !== "string") {
    const until = endsAt - marginMs;
    await carryOutRemovals(db, { ...clients, settings: settings.faces, endsAt: until });
    const looked = await continueRerun(db, clients, { settings: settings.faces, endsAt: until });
    // The tags of people who are no longer recognised.
    if (looked > 0) await carryOutRemovals(db, { ...clients, settings: settings.faces, endsAt: until });
  }
  await heartbeat(db, "faces-background");
  const next = wakes ? await nextFaceWork(db) : null;
  if (next) await wakes?.schedule(next);
}
