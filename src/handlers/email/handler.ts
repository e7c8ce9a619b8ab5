import type { CloudinaryAccount, MailAccount } from "../../config.ts";
import type { Handler } from "../../lib/deliveries/handler.ts";
import { isAlreadyDecided } from "./already-decided.ts";
import { compose } from "./compose/compose.ts";
import { addressing } from "./recipients.ts";
import { readProgress, stillToSend } from "./send/progress.ts";
import { sendAlone, sendBatch } from "./send/send.ts";
import { type Post, sendgrid } from "./send/sendgrid.ts";
import { settlementOf } from "./send/settlement.ts";

export interface EmailOptions {
  /** SendGrid checks every mail and delivers none: for deploys that hold copies of real data. */
  sandbox?: boolean;
  /** Where the console is; null: mails link to none. */
  siteUrl?: string | null;
  /** Signs the addresses of pictures that are not public. */
  cloudinary?: CloudinaryAccount | null;
  /** Pictures of another cloud are not shown; null: not known. */
  ownCloud?: string | null;
}

/** Tells people by e-mail what Cloudinary told us, once; in one mail where much comes at once. */
export function email(account: MailAccount | null, options: EmailOptions = {}): Handler {
  const { sandbox = false, siteUrl = null, cloudinary = null, ownCloud = null } = options;
  let post: Post | undefined;
  return {
    name: "email",
    async handle(notification, context) {
      if (!account) return { kind: "skip", reason: "no-recipients" };
      const settings = context.settings.email;
      const addresses = addressing(notification.content, account, settings);
      if (!addresses) return { kind: "skip", reason: "not-wanted" };
      if (addresses.to.length === 0) return { kind: "skip", reason: "no-recipients" };
      const own = { cloudName: ownCloud, hosts: context.settings.moderation.ownHosts };
      const links = { siteUrl, cloudinary, own };
      const { withJson } = settings;
      const mail = compose(notification, { ...links, withJson, subject: addresses.subject });
      if (!mail) return { kind: "skip", reason: "nothing-to-report" };
      if (await isAlreadyDecided(context, notification)) return { kind: "skip", reason: "already-decided" };

      const progress = readProgress(context.progress);
      // Replayed, and all have it: sending it again takes an operator who has the delivery forget that.
      if (stillToSend(progress, addresses.to).length === 0)
        return settlementOf({ progress, refused: [], stopped: null }, {});
      post ??= sendgrid(account, settings);
      const sending = { context, addresses, progress, post, sandbox };
      return progress.waited
        ? await sendBatch(mail, notification, sending, links)
        : await sendAlone(mail, sending);
    },
  };
}
