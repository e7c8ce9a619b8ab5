import type { Context } from "@netlify/functions";
import { isPreview, readConfig } from "../../config.ts";
import { settings } from "../../settings.ts";
import { database } from "../database/pool.ts";
import { nudge } from "../deliveries/nudge.ts";
import { alarm } from "../deliveries/wake-up.ts";
import type { Outcome } from "../receive/outcome.ts";
import { receive } from "../receive/receive.ts";
import { countRefusal } from "../receive/refusals.ts";
import { respond } from "../receive/respond.ts";
import { errorText, log } from "../shared/log.ts";

/** The part of Netlify's context that is used. */
export interface InvocationContext {
  deploy: Pick<Context["deploy"], "context">;
  waitUntil: Context["waitUntil"];
}

/**
 * Where the light parts are joined, for the hook functions. Nothing heavy may be reachable from here: Netlify bundles local
 * files into one module, so whatever this imports is loaded at each cold start (test/functions.test.ts).
 * `expects`: the types that the path is for; empty for every type.
 */
export async function receiver(
  request: Request,
  context: InvocationContext,
  expects: readonly string[],
): Promise<Response> {
  if (isPreview(context.deploy.context) && settings.previewDatabaseVariable === null)
    return respond({ kind: "unavailable", reason: "preview" });
  const reading = readConfig(settings, context.deploy.context);
  if (!reading.ok) {
    log("error", "not configured, refusing every notification", { problems: reading.problems.join("; ") });
    return respond({ kind: "not-configured" });
  }
  const { config } = reading;
  const db = database({ url: config.databaseUrl, max: 1, timeoutMs: settings.receive.recordTimeoutMs });
  const outcome = await receive(request, { config, settings, db, expects });

  context.waitUntil(answered().then(afterwards));
  return respond(outcome);

  async function afterwards(): Promise<void> {
    logOutcome(request, outcome);
    if (outcome.kind === "refused") await countRefusal(request, outcome.reason, db);
    if (outcome.kind === "recorded") await wakeWorker();
  }

  async function wakeWorker(): Promise<void> {
    try {
      const origin = config.localUrl ?? new URL(request.url).origin;
      const answer = await nudge(db, origin, config.secrets);
      if (answer !== "not-answered") return;
      log("warn", "nudge not answered; the sweep will deliver", {});
      if (config.databaseSleeps) await alarm().ring(new Date());
    } catch (error) {
      log("warn", "nudge failed; the sweep will deliver", { error: errorText(error) });
    }
  }
}

/** What is given to `waitUntil` runs at once up to its first wait, while the sender still waits; so it begins a turn later. */
function answered(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function logOutcome(request: Request, outcome: Outcome): void {
  const path = new URL(request.url).pathname;
  if (outcome.kind === "recorded")
    log("info", "recorded", { path, id: outcome.id, timesSeen: outcome.timesSeen });
  else if (outcome.kind === "refused") log("warn", "refused", { path, reason: outcome.reason });
}
