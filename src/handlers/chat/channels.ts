import type { CloudinaryNotification } from "../../lib/notifications/notification.ts";
import type { ChatWebhook } from "../../lib/shared/chat-variables.ts";
import type { ChatSettings } from "../../settings.types.ts";
import { fits } from "../email/recipients.ts";

/** The webhooks that get the message about a notification; null when a rule disables it. */
export function channelsFor(
  notification: CloudinaryNotification,
  webhooks: readonly ChatWebhook[],
  { rules }: ChatSettings,
): ChatWebhook[] | null {
  const rule = rules.find((candidate) => fits(candidate, notification));
  if (rule?.send === false) return null;
  return webhooks.filter(({ name }) => rule?.to?.includes(name) ?? true);
}

const groupPrefix = "chat:";

/** The delivery subject shared by all messages to the same channels. */
export function groupOf(webhooks: readonly ChatWebhook[]): string {
  return `${groupPrefix}${webhooks
    .map(({ name }) => name)
    .sort()
    .join(" ")}`;
}

export const isGroup = (subject: string): boolean => subject.startsWith(groupPrefix);
