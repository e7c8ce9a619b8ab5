import { randomUUID } from "node:crypto";
import type { Config } from "../../config.types.ts";
import type { Db } from "../database/pool.ts";
import { log } from "../shared/log.ts";
import { masked } from "../shared/masked.ts";
import type { Outcome } from "./outcome.ts";
import { requestIdOf } from "./receive.ts";
import { countRefusal } from "./refusals.ts";

/**
 * One log line for a request, and a count if it was rejected. The line of a recorded notification has the id under which its
 * deliveries are logged, too; a rejected request gets an id for `webhooks doctor --refusal`. Never throws.
 */
export async function noteOutcome(
  request: Request,
  outcome: Outcome,
  db: Db,
  { local }: Pick<Config, "local">,
): Promise<void> {
  const { pathname: path } = new URL(request.url);
  const requestId = requestIdOf(request);
  if (outcome.kind === "recorded") {
    const { id, type, publicId, timesSeen, cut } = outcome;
    log("info", "recorded", {
      path,
      requestId,
      id,
      type: masked(type),
      publicId: publicId && masked(publicId),
      timesSeen,
      ...(cut && { cut }),
    });
    if (cut) await countRefusal({ id, request, reason: "unreadable-cut" }, db, { atOnce: local });
  }
  if (outcome.kind === "refused") {
    const { reason } = outcome;
    const id = randomUUID();
    log("warn", "refused", { path, requestId, id, reason });
    await countRefusal({ id, request, reason }, db, { atOnce: local });
  }
}
