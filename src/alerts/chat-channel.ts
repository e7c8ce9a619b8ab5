import type { ChatMessage } from "../handlers/chat/message.ts";
import { post } from "../handlers/chat/post.ts";
import { plain } from "../handlers/email/compose/sanitize.ts";
import type { ChatWebhook } from "../lib/shared/chat-variables.ts";
import type { AlertChange, AlertChannel, Sent } from "./channel.ts";
import { alertHeading, detailOf } from "./compose-alert.ts";

export interface ChatChannelOptions {
  /** The URL of the console; null omits the link. */
  siteUrl: string | null;
  timeoutMs: number;
}

/** Alerts as messages in a chat. */
export function chatChannel(webhook: ChatWebhook, { siteUrl, timeoutMs }: ChatChannelOptions): AlertChannel {
  return {
    name: `chat:${webhook.name}`,
    repeatable: false,
    async send(message, signal): Promise<Sent> {
      const answer = await post(messageOf(message.changes, siteUrl), webhook, { timeoutMs, signal });
      switch (answer.kind) {
        case "accepted":
          return { kind: "sent" };
        case "refused":
          return { kind: "failed", error: answer.error, final: true };
        case "unavailable":
          return { kind: "failed", error: answer.error, final: false };
        case "unknown":
          return { kind: "unknown", error: answer.error };
        default:
          return answer satisfies never;
      }
    },
  };
}

const maxLines = 15;

function messageOf(changes: readonly AlertChange[], siteUrl: string | null): ChatMessage {
  const { page, button } = alertHeading(changes, siteUrl);
  const lines = changes.map((change) => {
    const state = change.active ? "" : "Resolved: ";
    return { text: plain(`${state}${change.what}. ${detailOf(change)}`, 600), url: null };
  });
  const left = lines.length - maxLines;
  return {
    ...page,
    picture: null,
    facts: [],
    lines: lines.slice(0, maxLines),
    more: left > 0 ? `and ${left} more in Health.` : null,
    links: button ? [button] : [],
  };
}
