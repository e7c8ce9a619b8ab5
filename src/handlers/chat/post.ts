import { AddressRefused, type Answer, isWritten, send } from "../../lib/outgoing/request.ts";
import type { ChatService, ChatWebhook } from "../../lib/shared/chat-variables.ts";
import { property } from "../../lib/shared/json.ts";
import { errorText } from "../../lib/shared/log.ts";
import { isLoopback } from "../../lib/shared/loopback.ts";
import { masked } from "../../lib/shared/masked.ts";
import { redact } from "../../lib/shared/redact.ts";
import { retryAfterMs } from "../../lib/shared/retry-after.ts";
import { discordPayload } from "./discord.ts";
import type { ChatMessage } from "./message.ts";
import { slackPayload } from "./slack.ts";
import { teamsPayload } from "./teams.ts";

export type ChatAnswer =
  | { kind: "accepted" }
  /** No retry can mend it. */
  | { kind: "refused"; error: string }
  /** Not posted; can be retried. */
  | { kind: "unavailable"; error: string; afterMs?: number }
  /** It may have been posted, and there is no way to check. */
  | { kind: "unknown"; error: string };

export const serviceNames: Readonly<Record<ChatService, string>> = {
  slack: "Slack",
  teams: "Microsoft Teams",
  discord: "Discord",
};

const payloads: Readonly<Record<ChatService, (message: ChatMessage) => object>> = {
  slack: slackPayload,
  teams: teamsPayload,
  discord: discordPayload,
};

export interface PostOptions {
  timeoutMs: number;
  signal: AbortSignal;
}

/** Posts a message to one webhook. Never rejects; errors contain no URL. A picture that the service cannot use is left out. */
export async function post(
  message: ChatMessage,
  webhook: ChatWebhook,
  options: PostOptions,
): Promise<ChatAnswer> {
  const answer = await postOnce(message, webhook, options);
  // Slack rejects a message whose picture it cannot load, and posts nothing.
  return answer.kind === "refused" && answer.isAboutContent && message.picture
    ? await postOnce({ ...message, picture: null }, webhook, options)
    : answer;
}

type PostedOnce = ChatAnswer & { isAboutContent?: boolean };

async function postOnce(
  message: ChatMessage,
  { name, service, url: text }: ChatWebhook,
  { timeoutMs, signal }: PostOptions,
): Promise<PostedOnce> {
  const url = new URL(text);
  const where = name === service ? serviceNames[service] : `${serviceNames[service]} (${name})`;
  try {
    const answer = await send({
      method: "POST",
      url,
      headers: { "content-type": "application/json", "user-agent": "cloudinary-webhooks" },
      body: JSON.stringify(payloads[service](message)),
      maxTextLength: 2_000,
      allowPrivate: isLoopback(url),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return answerOf(where, answer);
  } catch (error) {
    const reason = redact(`no response from ${where}: ${errorText(error)}`);
    if (error instanceof AddressRefused) return { kind: "refused", error: reason };
    return { kind: isWritten(error) ? "unknown" : "unavailable", error: reason };
  }
}

/** Slack's words for a webhook or a channel that is gone; Discord's code for an unknown webhook. */
const goneWords =
  /no_service|no_team|team_disabled|channel_is_archived|channel_not_found|action_prohibited|invalid_token|"code": ?10015/;

function answerOf(where: string, { status, text, retryAfter }: Answer): PostedOnce {
  if (status >= 200 && status < 300) return { kind: "accepted" };
  const said = masked(text.replace(/\s+/g, " ").trim()).slice(0, 200);
  const error = redact(`${where} returned ${status}${said === "" ? "" : `: ${said}`}`);
  if (status === 429) {
    const afterMs = retryAfterMs(retryAfter) ?? secondsOf(text);
    return { kind: "unavailable", error, ...(afterMs !== null && { afterMs }) };
  }
  if (status === 408 || status >= 500) return { kind: "unavailable", error };
  if ([401, 403, 404, 410].includes(status) || goneWords.test(text))
    return {
      kind: "refused",
      error: `${error}. The webhook was revoked, or its channel is gone: create another one, set it in CHAT_WEBHOOKS, deploy and replay.`,
    };
  return { kind: "refused", error, isAboutContent: status === 400 };
}

/** Discord's `retry_after`, in seconds with a fraction. */
function secondsOf(text: string): number | null {
  try {
    const seconds = property(JSON.parse(text), "retry_after");
    return typeof seconds === "number" && seconds >= 0 ? Math.ceil(seconds * 1_000) : null;
  } catch {
    return null;
  }
}
