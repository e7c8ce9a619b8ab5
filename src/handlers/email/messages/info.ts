import type { Info, NotificationOf } from "../../../lib/notifications/notification.ts";
import type { Fact, Message } from "../compose/message.ts";
import { assetFacts, circumstances, count, facts, nameOf } from "./formatting.ts";
import { requestOf } from "./message-picture.ts";

const unfinished = new Set(["pending", "processing", "queued"]);

/** null while the add-on is still processing. */
export function infoMessage(content: NotificationOf<"info">): Message | null {
  const { info, assets } = content;
  if (unfinished.has(info.status)) return null;
  const [asset] = assets;
  const { headline, lead, found } = told(info, nameOf(asset));
  const complete = info.status === "complete";
  return {
    tone: complete ? "good" : "bad",
    label: "Add-on",
    headline,
    lead,
    picture: requestOf(asset),
    failed: complete ? [] : [{ name: addOn(info), reason: `ended with status ${info.status}` }],
    ready: null,
    facts: [...found, ...assetFacts(asset), ...circumstances(content)],
  };
}

function addOn(info: Info): string {
  if (info.kind === "cloudinary_ai") return "Background removal";
  return info.kind === "google_video_tagging" ? "Video tagging" : info.name;
}

function told(info: Info, name: string): { headline: string; lead: string; found: Fact[] } {
  if (info.status !== "complete")
    return {
      headline: `${addOn(info)} of ${name} failed`,
      lead: "The asset has not changed. Please review it.",
      found: [],
    };
  switch (info.kind) {
    case "cloudinary_ai":
      return {
        headline: `The background of ${name} was removed`,
        lead: "Please review the result, then approve or reject it.",
        found: facts({
          Confidence: info.confidence === undefined ? undefined : `${Math.round(info.confidence * 100)}%`,
          Hints: info.hints.join(", "),
        }),
      };
    case "google_video_tagging": {
      const tags = [...new Set(info.tags.map(({ tag }) => tag))];
      return {
        headline: `${count(tags.length, "tag")} found in ${name}`,
        lead: "The video analysis is complete.",
        found: facts({ Found: tags.slice(0, 30).join(", ") }),
      };
    }
    case "other":
      return {
        headline: `${info.name} finished processing ${name}`,
        lead: "The result is in the record.",
        found: [],
      };
    default:
      return info satisfies never;
  }
}
