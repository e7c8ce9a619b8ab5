import type { MailAccount } from "../config.types.ts";
import { readProgress } from "../handlers/email/send/progress.ts";
import type { MailProvider } from "../handlers/email/send/provider.ts";
import { mailProvider } from "../handlers/email/send/providers.ts";
import { transmit } from "../handlers/email/send/transmit.ts";
import { log } from "../lib/shared/log.ts";
import type { EmailSettings } from "../settings.types.ts";
import type { AlertChannel, Sent } from "./channel.ts";
import { composeAlert } from "./compose-alert.ts";

export interface MailChannelOptions {
  /** The URL of the console; null omits the link. */
  siteUrl: string | null;
  sandbox: boolean;
  settings: EmailSettings;
}

/** Alerts as e-mails. The daily limit of e-mails does not apply to them: there is at most one for each cause and interval. */
export function mailChannel(account: MailAccount, options: MailChannelOptions): AlertChannel {
  const { siteUrl, sandbox, settings } = options;
  let provider: MailProvider | undefined;
  return {
    name: "mail",
    // Resend recognises a request that is repeated within 24 hours; a message is retried for less.
    repeatable: account.provider === "resend",
    async send(message, signal): Promise<Sent> {
      provider ??= mailProvider(account, settings);
      const { progress, refused, stopped } = await transmit(
        { from: account.from, ...composeAlert(message.changes, siteUrl) },
        account.to,
        {
          provider,
          isRepeatable: false,
          deliveryId: message.id,
          signal,
          sandbox,
          progress: readProgress(null),
          save: async () => undefined,
        },
      );
      for (const { recipient, reason } of refused)
        log("error", "alert recipient rejected", { id: message.id, recipient, reason });
      // Those who have it must not get it again.
      if (progress.accepted.length > 0) return { kind: "sent" };
      switch (stopped?.kind) {
        case undefined:
          return { kind: "failed", error: `${provider.name} rejected every recipient`, final: true };
        case "refused": // A wrong key can be corrected while the message waits.
        case "unavailable":
          return { kind: "failed", error: stopped.error, final: false };
        case "unknown":
          return { kind: "unknown", error: stopped.error };
        default:
          return stopped satisfies never;
      }
    },
  };
}
