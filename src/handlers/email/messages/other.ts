import type { Notification } from "../../../lib/notifications/notification.ts";
import type { Message } from "../message.ts";
import { assetList } from "./assets.ts";
import { requestOf } from "./shots.ts";
import { circumstances, count, nameOf } from "./words.ts";

/** For types that have no message of their own: what came, and which assets it names. */
export function otherMessage(content: Notification): Message {
  const { assets } = content;
  const about = assets.length === 1 ? nameOf(assets[0]) : count(assets.length, "asset");
  const { label, headline, lead } = words(content, assets.length === 0 ? "" : about);
  return {
    tone: content.type === "error" ? "bad" : content.type === "unreadable" ? "attention" : "plain",
    label,
    headline,
    lead,
    picture: assets.length === 1 ? requestOf(assets[0]) : null,
    failed:
      content.type === "error" && content.message
        ? [{ name: "Cloudinary says", reason: content.message }]
        : [],
    ready: null,
    facts: [...assetList(assets), ...circumstances(content)],
  };
}

function words(content: Notification, about: string): Pick<Message, "label" | "headline" | "lead"> {
  const of = about === "" ? "" : `: ${about}`;
  switch (content.type) {
    case "unreadable":
      return {
        label: "Notification",
        headline: "A signed notification could not be read",
        lead: `Its body is ${content.reason.replaceAll("-", " ")}. It is kept, byte for byte.`,
      };
    case "custom":
      return {
        label: "Notification",
        headline: `A notification without a type came in${of}`,
        lead: "A trigger's own template made its body.",
      };
    case "error":
      return { label: "Error", headline: `Cloudinary reports an error${of}`, lead: "An operation failed." };
    default: {
      const type = (content.type === "unknown" ? content.name : content.type).replaceAll("_", " ");
      return {
        label: "Notification",
        headline: `Cloudinary reports ${type}${of}`,
        lead: "What changed is in the record.",
      };
    }
  }
}
