import type { Config } from "../config.types.ts";
import type { Settings } from "../settings.types.ts";
import type { AlertChannel } from "./channel.ts";
import { mailChannel } from "./mail-channel.ts";
import { webhookChannel } from "./webhook-channel.ts";

/** The channels that are configured. `sandbox`: a preview, whose mail SendGrid only validates and whose webhook is not called. */
export function alertChannels(
  { alerts, siteUrl, local }: Config,
  { email }: Settings,
  sandbox: boolean,
): AlertChannel[] {
  const channels: AlertChannel[] = [];
  if (alerts.mail) channels.push(mailChannel(alerts.mail, { siteUrl, sandbox, settings: email }));
  // Private addresses are allowed only next to `netlify dev`.
  if (alerts.webhook && !sandbox) channels.push(webhookChannel({ ...alerts.webhook, allowPrivate: local }));
  return channels;
}
