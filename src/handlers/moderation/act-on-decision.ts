import type { CloudinaryApi } from "../../lib/cloudinary/api.ts";
import { assetNameOf } from "../../lib/cloudinary/asset-name.ts";
import type { HandlerContext, Settlement } from "../../lib/deliveries/handler.ts";
import { recheckHeld } from "../../lib/deliveries/recheck-held.ts";
import { own } from "../../lib/shared/own.ts";
import type { ModerationAction } from "../../settings.types.ts";
import { traitsOf } from "./asset-facts.ts";
import { type CarryOut, carryOut } from "./carry-out.ts";
import { hold } from "./hold.ts";
import type { DecisionTarget } from "./ledger.ts";
import { isAsked, planOf } from "./plan.ts";
import { actionFor } from "./rules.ts";

export interface ActionContext {
  /** null: no account is configured. */
  api: CloudinaryApi | null;
  context: HandlerContext;
  /** The type of the notification. */
  route: string;
  /** The deliveries that hold the same decision: this one is carried out only if Cloudinary confirms it. */
  heldBy?: readonly string[];
}

interface Action extends CarryOut {
  route: string;
  heldBy?: readonly string[];
  chosen: ModerationAction;
}

/** Applies the rules to a combined decision. */
export async function actOnDecision(decision: Action): Promise<Settlement> {
  const { context, target, row, status, chosen, facts, known } = decision;
  if (chosen.do === "delete") {
    const until = row.decidedAt + context.settings.moderation.deleteAfterMs;
    if (until > Date.now()) return { kind: "wait", until: new Date(until) };
  }
  const { type } = decision.isReplanned && decision.seen ? decision.seen.asset : target;
  const plan = planOf({ status, chosen, type, facts, released: known.released });
  const asks = plan.do === "effect" && isAsked(plan.effect, context.settings.moderation);
  if (decision.heldBy && !asks) return { kind: "skip", reason: "held" };
  if (known.newest > target.version && !asks) return await hold("replaced", row, decision);
  switch (plan.do) {
    case "nothing":
      return { kind: "skip", reason: plan.reason };
    case "tell":
      return notifyOnly(decision);
    case "hold":
      return await hold(plan.reason, row, decision);
    case "effect": {
      const end = await carryOut(decision, plan.effect);
      if (end.kind === "done" && decision.heldBy) await recheckHeld(context.db, decision.heldBy);
      if (end.kind !== "replan") return end;
      const seenAs = { ...target, ...assetNameOf(end.seen.asset) };
      const rule = traitsOf(seenAs, known, end.facts, decision.kind);
      const again = actionFor(status, rule, context.settings.moderation);
      return await actOnDecision({
        ...decision,
        ...end,
        kind: decision.kind,
        chosen: again,
        isReplanned: true,
      });
    }
    default:
      return plan satisfies never;
  }
}

/** Queues an e-mail, unless the route of this type already sends one. */
export function notifyOnly(about: {
  context: HandlerContext;
  target: DecisionTarget;
  route: string;
}): Settlement {
  const { context, target, route } = about;
  const result = { action: "notify" };
  if (own(context.settings.routes, route)?.includes("email")) return { kind: "done", result };
  const subject = `moderation ${target.identity} ${target.version}`;
  return { kind: "done", result, follow: [{ handler: "email", subject }] };
}
