import type { CloudinaryNotification, NotificationOf } from "../../../lib/notifications/notification.ts";
import type { Fact, Message } from "../compose/message.ts";
import { plain } from "../compose/sanitize.ts";
import { assetList } from "./assets.ts";
import { aboutOf, circumstances, facts } from "./formatting.ts";
import { requestOf } from "./message-picture.ts";

type OfAssets = NotificationOf<
  "publish" | "related_assets" | "restore_asset_version" | "proof_status_changed"
>;
type OfCloud = NotificationOf<
  "analyze" | "bulk_refresh_auto_fetch" | "error" | "invalidate_custom_cdn" | "report"
>;
type Unnamed =
  | NotificationOf<"all">
  | Extract<CloudinaryNotification, { type: "custom" | "unknown" | "unreadable" }>;
export type Other = OfAssets | OfCloud | Unnamed;

type Words = Pick<Message, "label" | "headline" | "lead"> &
  Partial<Pick<Message, "tone" | "failed" | "facts">>;

/** The message for types that carry few details. */
export function otherMessage(content: Other): Message {
  const { assets } = content;
  const { facts: own = [], ...words } = wordsOf(content);
  return {
    tone: "plain",
    failed: [],
    ...words,
    picture: assets.length === 1 ? requestOf(assets[0]) : null,
    ready: null,
    facts: [...own, ...assetList(assets), ...circumstances(content)],
  };
}

function wordsOf(content: Other): Words {
  switch (content.type) {
    case "publish":
    case "related_assets":
    case "restore_asset_version":
    case "proof_status_changed":
      return ofAssets(content);
    case "analyze":
    case "bulk_refresh_auto_fetch":
    case "error":
    case "invalidate_custom_cdn":
    case "report":
      return ofCloud(content);
    case "all":
    case "custom":
    case "unknown":
    case "unreadable":
      return unnamed(content);
    default:
      return content satisfies never;
  }
}

function ofAssets(content: OfAssets): Words {
  const about = aboutOf(content.assets);
  const were = content.assets.length > 1 ? "were" : "was";
  switch (content.type) {
    case "publish":
      return {
        label: "Publish",
        headline: `${about} ${were} published`,
        lead: `${content.assets.length > 1 ? "They are" : "It is"} now public.`,
      };
    case "restore_asset_version":
      return {
        label: "Version",
        headline: `An earlier version of ${about} was restored`,
        lead: "Pages show it once caches expire.",
      };
    case "related_assets": {
      const failed = content.failed ?? 0;
      return {
        label: "Related assets",
        tone: failed > 0 ? "attention" : "plain",
        headline: `Related assets of ${about} changed`,
        lead: failed > 0 ? "Some of the changes failed." : "All changes were applied.",
        facts: facts({
          Action: content.action,
          Done: content.succeeded?.toString(),
          Failed: content.failed?.toString(),
        }),
      };
    }
    case "proof_status_changed": {
      const { name, next, previous, stage, reviewer } = content.proof;
      return {
        label: "Approval",
        headline: `The proof ${plain(name ?? content.proof.id, 80)} is now ${plain(spaced(next), 40)}`,
        lead: "Its status in the creative approval changed.",
        facts: facts({ Before: previous && spaced(previous), Stage: stage, Reviewer: reviewer }),
      };
    }
    default:
      return content satisfies never;
  }
}

function ofCloud(content: OfCloud): Words {
  switch (content.type) {
    case "analyze": {
      const { error, taskId } = content;
      const task: Fact[] = facts({ Task: taskId });
      if (!error)
        return {
          label: "Analysis",
          headline: "An analysis is complete",
          lead: "The result is in the record.",
          facts: task,
        };
      return {
        label: "Analysis",
        tone: "bad",
        headline: "An analysis failed",
        lead: "The reason is below.",
        failed: [
          { name: error.category ?? error.code ?? "error", reason: error.message ?? "no reason given" },
        ],
        facts: task,
      };
    }
    case "bulk_refresh_auto_fetch":
      return {
        label: "Fetch",
        headline: "A refresh of fetched assets has finished",
        lead: "Details are in the record.",
      };
    case "invalidate_custom_cdn":
      return {
        label: "CDN",
        headline: "An invalidation on the custom CDN has finished",
        lead: "Details are in the record.",
      };
    case "report":
      return {
        label: "Report",
        headline: "A report is ready",
        lead: "Details are in the record.",
      };
    case "error": {
      const about = content.assets.length === 0 ? null : aboutOf(content.assets);
      const headline = content.isUpload
        ? `The upload${about === null ? "" : ` of ${about}`} failed`
        : `Cloudinary reported an error${about === null ? "" : `: ${about}`}`;
      return {
        label: "Error",
        tone: "bad",
        headline,
        lead: content.message ? "The reason is below." : "Cloudinary gave no reason.",
        failed: content.message ? [{ name: "Error message", reason: content.message }] : [],
      };
    }
    default:
      return content satisfies never;
  }
}

function unnamed(content: Unnamed): Words {
  const label = "Notification";
  const of = content.assets.length === 0 ? "" : `: ${aboutOf(content.assets)}`;
  switch (content.type) {
    case "unreadable":
      return {
        label,
        tone: "attention",
        headline: "A signed notification could not be read",
        lead: `Its body is ${content.reason.replaceAll("-", " ")}. The original bytes are stored.`,
      };
    case "custom":
      return {
        label,
        headline: `A notification without a type was received${of}`,
        lead: "Its body was generated by a custom trigger template.",
      };
    case "all":
    case "unknown":
      return {
        label,
        headline: `Cloudinary reported ${spaced(content.type === "all" ? "all" : content.name)}${of}`,
        lead: "Details are in the record.",
      };
    default:
      return content satisfies never;
  }
}

const spaced = (text: string): string => text.replaceAll("_", " ");
