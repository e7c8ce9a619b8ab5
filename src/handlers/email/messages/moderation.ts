import type { Decision, NotificationOf } from "../../../lib/notifications/notification.ts";
import { isObject } from "../../../lib/notifications/wire.ts";
import { own } from "../../../lib/shared/own.ts";
import type { Fact, Message } from "../compose/message.ts";
import type { PictureRequest } from "../compose/picture.ts";
import { assetFacts, circumstances, facts, nameOf } from "./formatting.ts";
import { requestOf } from "./message-picture.ts";

const kinds: Readonly<Record<string, string>> = {
  manual: "manual moderation",
  aws_rek: "Amazon Rekognition",
  aws_rek_video: "Amazon Rekognition (video)",
  google_video_moderation: "Google AI Video Moderation",
  webpurify: "WebPurify",
  perception_point: "Perception Point",
  metascan: "MetaDefender",
  duplicate: "duplicate detection",
  summary: "moderation",
};

/** null while a moderation is queued. */
export function moderationMessage(
  content: NotificationOf<"moderation" | "moderation_summary">,
): Message | null {
  const decision = content.decisions.at(-1);
  if (!decision || decision.status === "queued") return null;
  const [asset] = content.assets;
  const { tone, headline, lead } = summaryOf(decision, nameOf(asset));
  return {
    tone,
    label: "Moderation",
    headline,
    lead,
    picture: pictureOf(decision, asset),
    failed: [],
    ready: null,
    facts: [
      ...facts({
        Status: decision.status,
        "Moderated by": kindOf(decision),
        [decision.status === "pending" ? "Waiting since" : "Decided at"]: decision.at,
      }),
      ...grounds(content.body.moderation_response),
      ...assetFacts(asset),
      ...circumstances(content).filter(({ label }) => label === "Triggered by"),
    ],
  };
}

/** Rejected assets are not delivered by Cloudinary, and must not appear in a mail. */
function pictureOf({ status }: Decision, asset: Parameters<typeof requestOf>[0]): PictureRequest | null {
  if (status === "rejected") return null;
  const request = requestOf(asset, status !== "approved");
  // Approval may rename and publish an asset that was not public, which breaks its previous URL.
  return status === "approved" && request?.parts?.type !== "upload" ? null : request;
}

function kindOf({ kind }: Decision): string {
  return own(kinds, kind) ?? kind;
}

function summaryOf(decision: Decision, name: string): Pick<Message, "tone" | "headline" | "lead"> {
  const by = kindOf(decision);
  switch (decision.status) {
    case "approved":
      return { tone: "good", headline: `${name} was approved by ${by}`, lead: "It is approved for display." };
    case "rejected":
      return {
        tone: "bad",
        headline: `${name} was rejected by ${by}`,
        lead: "Its picture is not shown here.",
      };
    case "pending":
      return {
        tone: "attention",
        headline: `${name} awaits a decision`,
        lead: decision.kind === "manual" ? "It waits for your decision." : `It is being checked by ${by}.`,
      };
    default:
      return {
        tone: "attention",
        headline: `Moderation of ${name} ended with status ${decision.status}`,
        lead: `No decision was made by ${by}. Please review the asset.`,
      };
  }
}

/** The findings of the add-on that can be shown as text. */
function grounds(response: unknown): Fact[] {
  if (!isObject(response)) return [];
  const confidence = response.moderation_confidence;
  const labels = Array.isArray(response.moderation_labels) ? response.moderation_labels.flatMap(labelOf) : [];
  const frames = Array.isArray(response.frames) ? response.frames.length : 0;
  return facts({
    Confidence: typeof confidence === "string" ? confidence : undefined,
    "Flagged frames": frames > 0 ? String(frames) : undefined,
    Labels: [...new Set(labels)].join(", "),
  });
}

function labelOf(entry: unknown): string[] {
  const label = isObject(entry) && isObject(entry.moderation_label) ? entry.moderation_label : entry;
  if (!isObject(label)) return [];
  const name = label.name ?? label.Name;
  return typeof name === "string" ? [name] : [];
}
