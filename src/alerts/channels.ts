import type { Config } from "../config.types.ts";
import type { Settings } from "../settings.types.ts";
import type { AlertChannel } from "./channel.ts";
import { chatChannel } from "./chat-channel.ts";
import { mailChannel } from "./mail-channel.ts";
import { webhookChannel } from "./webhook-channel.ts";

/** The channels that are configured. `sandbox`: a preview, whose mail SendGrid only validates and whose webhooks are not called. */
export function alertChannels(
  { alerts, siteUrl, local }: Config,
  { email, chat }: Settings,
  sandbox: boolean,
): AlertChannel[] {
  const channels: AlertChannel[] = [];
  if (alerts.mail) channels.push(mailChannel(alerts.mail, { siteUrl, sandbox, settings: email }));
  // Private addresses are allowed only next to `netlify dev`.
  if (alerts.webhook && !sandbox) channels.push(webhookChannel({ ...alerts.webhook, allowPrivate: local }));
  if (!sandbox) for (const webhook of alerts.chats) channels.push(chatChannel(webhook, { siteUrl, ...chat }));
  return channels;
}
