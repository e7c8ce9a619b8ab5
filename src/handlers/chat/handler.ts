import { approveLinks } from "../../approve/link.ts";
import type { CloudinaryAccount } from "../../config.types.ts";
import { messageClouds } from "../../lib/cloudinary/accounts.ts";
import { defineHandler } from "../../lib/deliveries/define-handler.ts";
import type { Handler } from "../../lib/deliveries/handler.ts";
import type { ChatWebhook } from "../../lib/shared/chat-variables.ts";
import { isAlreadyDecided } from "../email/already-decided.ts";
import { pageOf } from "../email/compose/compose.ts";
import { readKnown } from "../email/known.ts";
import { messageOf } from "../email/messages/message-of.ts";
import { readProgress } from "../email/send/progress.ts";
import { channelsFor } from "./channels.ts";
import { messageOfPage } from "./message.ts";
import { sendAlone, sendBatch } from "./send.ts";

export interface ChatOptions {
  /** A preview, which may have a copy of production data: nothing is posted. */
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

export const chatHandler = defineHandler({
  name: "chat",
  connect: ({ config: { chats, siteUrl, cloudinary, accounts, ownCloud, approveLinkSecret }, sandbox }) =>
    chat(chats, { sandbox, siteUrl, cloudinary, accounts, ownCloud, approveLinkSecret }).handle,
});

/** Posts a message about each notification to Slack, Microsoft Teams and Discord, and combines bursts into one. */
export function chat(webhooks: readonly ChatWebhook[], options: ChatOptions = {}): Handler {
  const { sandbox = false, siteUrl = null } = options;
  const secret = options.approveLinkSecret ?? null;
  return {
    name: "chat",
    async handle(notification, context) {
      const { content } = notification;
      const { settings } = context;
      const channels = channelsFor(content, webhooks, settings.chat);
      if (!channels) return { kind: "skip", reason: "not-wanted" };
      if (channels.length === 0) return { kind: "skip", reason: "no-recipients" };
      if (sandbox) return { kind: "skip", reason: "preview" };
      // Before the first query: most types have nothing to report at first.
      if (messageOf(content) === null) return { kind: "skip", reason: "nothing-to-report" };
      if (await isAlreadyDecided(context, notification)) return { kind: "skip", reason: "already-decided" };
      const cloudOf = messageClouds(options, settings.moderation.ownHosts);
      const links = { siteUrl, cloudOf, timeZone: settings.email.timeZone };
      const progress = readProgress(context.progress);
      const { validMs } = settings.approveByLink;
      const approve = approveLinks(
        content,
        { deliveryId: context.deliveryId, receivedAt: notification.receivedAt },
        { secret, siteUrl, validMs },
      );
      const page = pageOf(notification, {
        ...links,
        settings,
        known: await readKnown(context.db, content, settings),
        subject: null,
        approveUrl: approve?.url ?? null,
        reminder: progress.reminder,
      });
      if (!page) return { kind: "skip", reason: "nothing-to-report" };
      const sending = { context, channels, progress, approve };
      const message = messageOfPage(page);
      return progress.waited
        ? await sendBatch(message, notification, sending, links)
        : await sendAlone(message, sending);
    },
  };
}
