import type { ModerationAction, ModerationRule, Settings } from "../../settings.types.ts";
import type { AssetFacts } from "./asset-facts.ts";
import type { FinalStatus } from "./combine-decisions.ts";

/** An action that calls Cloudinary. */
export type Effect = Extract<ModerationAction, { do: "publish" | "delete" }>;

export type HoldReason =
  | "awaits-person"
  | "restricted-by-delivery-type"
  | "restricted-by-access-mode"
  | "access-has-dates";

/** The result of a rule's action for one asset. */
export type Plan =
  | { do: "nothing"; reason: "nothing-to-do" | "not-restricted" }
  | { do: "tell" }
  | { do: "hold"; reason: HoldReason }
  | { do: "effect"; effect: Effect };

export interface Planning {
  status: FinalStatus;
  /** The action of the first matching rule. */
  chosen: ModerationAction;
  /** The delivery type. */
  type: string;
  facts: Pick<AssetFacts, "accessControl" | "accessMode">;
  /** An operator released it after it was held. */
  released: boolean;
}

/** Used by the board to preview an action, and by the handler to carry it out. */
export function planOf(planning: Planning): Plan {
  const { status, chosen, type, released } = planning;
  switch (chosen.do) {
    case "nothing":
      return { do: "nothing", reason: "nothing-to-do" };
    case "notify":
      return { do: "tell" };
    case "hold":
      if (!released) return { do: "hold", reason: "awaits-person" };
      return { do: "effect", effect: status === "rejected" ? { do: "delete" } : publishing(type) };
    case "delete":
      return { do: "effect", effect: chosen };
    case "publish":
      return chosen.by === "rename" ? { do: "effect", effect: chosen } : lifting(planning);
    default:
      return chosen satisfies never;
  }
}

/** Whether Cloudinary is asked before the call. */
export function isAsked(effect: Effect, { confirm, dryRun }: Settings["moderation"]): boolean {
  return confirm.includes(effect.do) && !dryRun;
}

/** Whether other facts about the asset, such as its access or a tag that a rule names, could have led to a call. */
export function dependsOnFacts(plan: Plan, { rules }: Settings["moderation"]): boolean {
  if (plan.do === "nothing" && plan.reason === "not-restricted") return true;
  if (
    plan.do === "hold" &&
    (plan.reason === "restricted-by-access-mode" || plan.reason === "access-has-dates")
  )
    return true;
  return rules.some(({ when = {} }: ModerationRule) => when.folder !== undefined || when.tag !== undefined);
}

/** Publishing by access control applies only to assets that it restricts, and not to those with dates. */
function lifting({ type, facts, released }: Planning): Plan {
  const { accessControl, accessMode } = facts;
  if (type !== "upload" && !released) return { do: "hold", reason: "restricted-by-delivery-type" };
  if (type === "upload" && isByAccessMode({ accessControl, accessMode }))
    return { do: "hold", reason: "restricted-by-access-mode" };
  if (accessControl?.some(({ start, end }) => Boolean(start) || Boolean(end)) && !released)
    return { do: "hold", reason: "access-has-dates" };
  if (accessControl === null || accessControl?.length === 0)
    return { do: "nothing", reason: "not-restricted" };
  return { do: "effect", effect: publishing(type) };
}

/** Restricted by the older `access_mode`, which `access_control` does not lift. */
export function isByAccessMode({ accessControl, accessMode }: Planning["facts"]): boolean {
  const isControlled = accessControl !== undefined && accessControl !== null && accessControl.length > 0;
  return accessMode !== null && accessMode !== "public" && !isControlled;
}

function publishing(type: string): Effect {
  if (type === "upload") return { do: "publish", by: "access-control" };
  return { do: "publish", by: "rename", overwrite: false };
}
