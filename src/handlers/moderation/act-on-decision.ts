import type { CloudinaryApi } from "../../lib/cloudinary/api.ts";
import type { HandlerContext, Settlement } from "../../lib/deliveries/handler.ts";
import { own } from "../../lib/shared/own.ts";
import type { ModerationAction } from "../../settings.ts";
import type { AssetFacts } from "./asset-facts.ts";
import { type Carrying, carryOut } from "./carry-out.ts";
import { hold } from "./hold.ts";
import type { Judged } from "./ledger.ts";
import { planOf } from "./plan.ts";

export interface Acting {
  /** null: no account is configured. */
  api: CloudinaryApi | null;
  context: HandlerContext;
  /** The type of the notification. */
  route: string;
}

interface Act extends Carrying {
  route: string;
  chosen: ModerationAction;
  facts: AssetFacts;
}

/** Does what the policy says of a verdict. */
export async function act(doing: Act): Promise<Settlement> {
  const { context, judged, row, status, chosen, facts, known } = doing;
  if (chosen.do === "delete") {
    const until = row.decidedAt + context.settings.moderation.deleteAfterMs;
    if (until > Date.now()) return { kind: "wait", until: new Date(until) };
  }
  const plan = planOf({ status, chosen, type: judged.type, facts, released: known.released });
  switch (plan.do) {
    case "nothing":
      return { kind: "skip", reason: plan.reason };
    case "tell":
      return told(doing);
    case "hold":
      return await hold(plan.reason, row, doing);
    case "effect":
      return await carryOut(doing, plan.effect);
    default:
      return plan satisfies never;
  }
}

/** An e-mail, unless the route of this type sends one anyway. */
export function told(about: { context: HandlerContext; judged: Judged; route: string }): Settlement {
  const { context, judged, route } = about;
  const result = { action: "notify" };
  if (own(context.settings.routes, route)?.includes("email")) return { kind: "done", result };
  const subject = `moderation ${judged.identity} ${judged.version}`;
  return { kind: "done", result, follow: [{ handler: "email", subject }] };
}
