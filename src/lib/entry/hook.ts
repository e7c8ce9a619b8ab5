import type { Context } from "@netlify/functions";
import { settings } from "../../settings.ts";
import { database } from "../database/pool.ts";
import { noteOutcome } from "../receive/note-outcome.ts";
import { type ReceiveOptions, receive } from "../receive/receive.ts";
import { closed, respond } from "../receive/respond.ts";
import { type DeployContext, enter } from "./enter.ts";
import { wakeWorker } from "./wake-worker.ts";

/** The parts of Netlify's context that are used. */
export interface InvocationContext extends DeployContext {
  waitUntil: Context["waitUntil"];
}

/**
 * Wires the hook functions. This file must not import heavy packages, directly or indirectly: Netlify bundles local files into one
 * module, so every import is loaded at each cold start (test/build.test.ts).
 * `expects`: the types of the path; empty for every type. `source`: `public` for the hook for uploads by visitors.
 */
export async function receiver(
  request: Request,
  context: InvocationContext,
  expects: readonly string[],
  source: ReceiveOptions["source"] = "webhook",
): Promise<Response> {
  const entry = enter(request, context);
  if (!entry.ok) return respond(closed(entry.reason));
  const { config, origin } = entry;
  const db = database({
    url: config.databaseUrl,
    ca: config.databaseCa,
    max: 1,
    timeoutMs: settings.receive.recordTimeoutMs,
  });
  const outcome = await receive(request, { config, settings, db, expects, source });

  context.waitUntil(answered().then(afterwards));
  return respond(outcome);

  async function afterwards(): Promise<void> {
    await noteOutcome(request, outcome, db, config);
    if (outcome.kind === "recorded") await wakeWorker(db, config, origin);
  }
}

/** Work in `waitUntil` runs synchronously up to its first await, while the sender still waits. It is therefore deferred by one turn. */
function answered(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
