import { approveLinks } from "../../approve/link.ts";
import type { CloudinaryAccount, MailAccount } from "../../config.types.ts";
import { messageClouds } from "../../lib/cloudinary/accounts.ts";
import { defineHandler } from "../../lib/deliveries/define-handler.ts";
import type { Handler } from "../../lib/deliveries/handler.ts";
import { maskAddress } from "../../lib/shared/redact.ts";
import { isAlreadyDecided } from "./already-decided.ts";
import { compose } from "./compose/compose.ts";
import { namesExpectedAt, readKnown } from "./known.ts";
import { messageOf } from "./messages/message-of.ts";
import { addressing } from "./recipients.ts";
import { readProgress, stillToSend } from "./send/progress.ts";
import type { MailProvider } from "./send/provider.ts";
import { mailProvider } from "./send/providers.ts";
import { sendAlone, sendBatch } from "./send/send.ts";
import { settlementOf } from "./send/settlement.ts";

export interface EmailOptions {
  /** No mail reaches a recipient: for deploys with copies of production data. */
  sandbox?: boolean;
  /** The URL of the site that serves the console; null omits links to it. */
  siteUrl?: string | null;
  /** Signs the URLs of pictures that are not public. */
  cloudinary?: CloudinaryAccount | null;
  /** Signs links by which people decide; null: there are none. */
  approveLinkSecret?: string | null;
  /** Pictures from other clouds are not shown; null if the cloud is unknown. */
  ownCloud?: string | null;
  /** Instead of `cloudinary` and `ownCloud` if there are several clouds; messages then name theirs. */
  accounts?: readonly CloudinaryAccount[];
}

export const emailHandler = defineHandler({
  name: "email",
  connect: ({ config: { mail, siteUrl, cloudinary, accounts, ownCloud, approveLinkSecret }, sandbox }) =>
    email(mail, { sandbox, siteUrl, cloudinary, accounts, ownCloud, approveLinkSecret }).handle,
});

/** Sends an e-mail about each notification, and combines bursts into digests. */
export function email(account: MailAccount | null, options: EmailOptions = {}): Handler {
  const { sandbox = false, siteUrl = null } = options;
  const secret = options.approveLinkSecret ?? null;
  let provider: MailProvider | undefined;
  return {
    name: "email",
    async handle(notification, context) {
      if (!account) return { kind: "skip", reason: "no-recipients" };
      const settings = context.settings.email;
      const addresses = addressing(notification.content, account, settings);
      if (!addresses) return { kind: "skip", reason: "not-wanted" };
      if (addresses.to.length === 0) return { kind: "skip", reason: "no-recipients" };
      const cloudOf = messageClouds(options, context.settings.moderation.ownHosts);
      const links = { siteUrl, cloudOf, timeZone: settings.timeZone };
      const { content } = notification;
      // Before the first query: most types have nothing to report at first.
      if (messageOf(content) === null) return { kind: "skip", reason: "nothing-to-report" };
      if (await isAlreadyDecided(context, notification)) return { kind: "skip", reason: "already-decided" };
      const namesAt = await namesExpectedAt(context.db, notification, context.settings);
      if (namesAt) return { kind: "wait", until: namesAt };
      const progress = readProgress(context.progress);
      const approve = approveLinks(
        content,
        { deliveryId: context.deliveryId, receivedAt: notification.receivedAt },
        { secret, siteUrl, validMs: context.settings.approveByLink.validMs },
      );
      const mail = compose(notification, {
        ...links,
        settings: context.settings,
        known: await readKnown(context.db, content, context.settings),
        subject: addresses.subject,
        reminder: progress.reminder,
        approveUrl: approve?.url ?? null,
      });
      if (!mail) return { kind: "skip", reason: "nothing-to-report" };

      provider ??= mailProvider(account, settings);
      // A replay when all recipients have the mail. An operator can use "Start over" to send it again.
      if (stillToSend(progress, addresses.to).length === 0)
        return settlementOf({ progress, refused: [], stopped: null }, provider.name, {});
      const replacement = approve && {
        marker: approve.marker,
        valueFor: (address: string) => approve.tokenFor(maskAddress(address)),
      };
      const sending = { context, addresses, progress, provider, sandbox, replacement };
      return progress.waited && !progress.pending
        ? await sendBatch(mail, notification, sending, links)
        : await sendAlone(mail, sending);
    },
  };
}
