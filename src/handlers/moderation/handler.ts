import type { CloudinaryAccount } from "../../config.types.ts";
import { perCloud } from "../../lib/cloudinary/accounts.ts";
import { cloudinaryApi } from "../../lib/cloudinary/api.ts";
import { isSignedForAccount } from "../../lib/cloudinary/belongs-to-account.ts";
import { defineHandler } from "../../lib/deliveries/define-handler.ts";
import type { Handler } from "../../lib/deliveries/handler.ts";
import { reviewAfterRemoval } from "./background-removal.ts";
import { decisionTargetOf } from "./decision-target.ts";
import { processDecision } from "./process-decision.ts";

export const moderationHandler = defineHandler({
  name: "moderation",
  connect: ({ config }) => perCloud(config, ({ account }) => moderation(account)),
});

/**
 * Carries out moderation decisions at Cloudinary, each once, regardless of how many notifications report it.
 * Without a configured account, decisions that require a call are held.
 */
export function moderation(account: CloudinaryAccount | null, options: { timeoutMs?: number } = {}): Handler {
  const api = account ? cloudinaryApi(account, options) : null;
  return {
    name: "moderation",
    async handle(notification, context) {
      const { content, cloud } = notification;
      if (api !== null && !isSignedForAccount(cloud, { cloudName: api.cloudName, hosts: [] }))
        return { kind: "skip", reason: "other-cloud" };
      switch (content.type) {
        case "upload":
        case "moderation":
        case "moderation_summary": {
          const { decisions } = content;
          if (decisions.length === 0) return { kind: "skip", reason: "no-decision" };
          const target = decisionTargetOf(notification, { asset: content.assets[0], decisions });
          if (typeof target === "string") return { kind: "hold", reason: target };
          return await processDecision(target, { api, context, route: content.type });
        }
        case "info": {
          const { info } = content;
          if (info.kind !== "cloudinary_ai") return { kind: "skip", reason: "no-decision" };
          const target = decisionTargetOf(notification, { asset: content.assets[0], decisions: [] });
          if (typeof target === "string") return { kind: "hold", reason: target };
          return await reviewAfterRemoval(target, { api, context, status: info.status });
        }
        default:
          return { kind: "skip", reason: "no-decision" };
      }
    },
  };
}
