import type { CloudinaryNotification } from "../../../lib/notifications/notification.ts";
import { own } from "../../../lib/shared/own.ts";
import type { Settings } from "../../../settings.types.ts";
import { actionFor } from "../../moderation/rules.ts";
import type { Known } from "../known.ts";
import { instant } from "./formatting.ts";

type Used = Pick<Settings, "routes" | "moderation" | "email">;

export interface Consequence {
  /** A sentence. */
  text: string;
  /** A person has to decide. */
  waits: boolean;
}

/** What follows from a moderation decision: what was done, or what the settings say will be done. null: nothing to say. */
export function consequenceOf(
  content: CloudinaryNotification,
  known: Known,
  settings: Used,
): Consequence | null {
  if (content.type !== "moderation" && content.type !== "moderation_summary") return null;
  const [asset] = content.assets;
  const decision = content.decisions.at(-1);
  if (!asset || !decision) return null;
  const { status } = decision;
  const { timeZone } = settings.email;
  const done = known.decision?.carriedOutAt;
  if (done && known.decision?.action === "delete")
    return then(`It was deleted at ${instant(done, timeZone)}.`);
  if (done && known.decision?.action === "publish")
    return then(`It was published at ${instant(done, timeZone)}.`);
  if (status === "pending") return decision.kind === "manual" ? waiting("It waits for your decision.") : null;
  if (status !== "approved" && status !== "rejected") return null;
  if (!own(settings.routes, content.type)?.includes("moderation")) return null;
  if (settings.moderation.dryRun)
    return then("Nothing is done: moderation only records what it would do (dry run).");
  if (known.decision?.action === "hold") return held(status);
  const action = actionFor(
    status,
    {
      kind: decision.kind,
      resourceType: asset.resource_type ?? "image",
      type: asset.type ?? "upload",
      publicId: asset.public_id ?? "",
      assetFolder: asset.folder_mode === "fixed" ? null : (asset.asset_folder ?? null),
      tags: asset.tags ?? [],
      backgroundRemoved: false,
    },
    settings.moderation,
  );
  switch (action.do) {
    case "delete": {
      const { deleteAfterMs } = settings.moderation;
      if (deleteAfterMs === 0) return then("It is deleted from Cloudinary.");
      const at = new Date((decision.at ?? content.occurredAt ?? new Date()).getTime() + deleteAfterMs);
      return then(`It will be deleted at ${instant(at, timeZone)}, unless somebody takes the decision back.`);
    }
    case "publish":
      return then("It is published, if it was restricted.");
    case "hold":
      return held(status);
    case "nothing":
    case "notify":
      return null;
    default:
      return action satisfies never;
  }
}

function held(status: "approved" | "rejected"): Consequence {
  return status === "rejected"
    ? waiting("It is not deleted yet: that waits for your decision.")
    : waiting("It is not published yet: that waits for your decision.");
}

const then = (text: string): Consequence => ({ text, waits: false });
const waiting = (text: string): Consequence => ({ text, waits: true });
