import type { CloudinaryAccount } from "../../../config.types.ts";
import type { OwnCloud } from "../../../lib/cloudinary/belongs-to-account.ts";
import type { RecordedNotification } from "../../../lib/deliveries/handler.ts";
import type { CloudinaryNotification } from "../../../lib/notifications/notification.ts";
import { own } from "../../../lib/shared/own.ts";
import { messageOf } from "../messages/message-of.ts";
import { boardUrl, recordUrl } from "./links.ts";
import type { Message } from "./message.ts";
import { type Link, type Page, pageHtml, pageText } from "./page.ts";
import { ofOwnCloud, picture } from "./picture.ts";
import { plain, plainJson } from "./sanitize.ts";

export interface ComposeOptions {
  /** The URL of the site that serves the console; null omits links to it. */
  siteUrl: string | null;
  /** Signs the URLs of pictures that are not public. */
  cloudinary: CloudinaryAccount | null;
  /** Pictures from other clouds are not shown. */
  own: OwnCloud;
  /** Includes the notification's JSON below the message. */
  withJson: boolean;
  /** Can contain `{headline}`, `{public_id}`, `{folder}` and `{type}`; null uses the headline. */
  subject: string | null;
}

/** A mail without sender and recipients. */
export interface Composed {
  /** One line. */
  subject: string;
  html: string;
  text: string;
}

/** The mail about a notification, the same on every call; null when there is nothing to report yet and another notification follows. */
export function compose(notification: RecordedNotification, options: ComposeOptions): Composed | null {
  const { id, content } = notification;
  const message = messageOf(content);
  if (!message) return null;
  const shown = ofOwnCloud(message.picture, notification, options.own);
  const [button = null, ...links] = options.siteUrl === null ? [] : linksOf(options.siteUrl, id, content);
  const page: Page = {
    ...message,
    picture: shown && picture(shown, options.cloudinary),
    subject: subjectLine(options.subject ?? "{headline}", message, content),
    button,
    links,
    json: options.withJson && content.type !== "unreadable" ? jsonOf(content.body) : null,
    footer: `Sent by cloudinary-webhooks about notification ${id}.`,
  };
  return { subject: page.subject, html: pageHtml(page), text: pageText(page) };
}

function jsonOf(body: unknown): string {
  return plainJson(body) ?? "It is nested too deeply to be shown here; the record has it whole.";
}

/** The first link becomes the button. */
function linksOf(siteUrl: string, id: string, content: CloudinaryNotification): Link[] {
  const record = { title: "Open the record", url: recordUrl(siteUrl, id) };
  const board = { title: "Open the moderation board", url: boardUrl(siteUrl) };
  switch (content.type) {
    case "info":
      return content.info.kind === "cloudinary_ai" ? [board, record] : [record];
    case "upload":
      return content.decisions.some(({ status }) => status === "pending") ? [board, record] : [record];
    case "moderation":
    case "moderation_summary":
      return content.decisions.at(-1)?.status === "pending" ? [board, record] : [record, board];
    default:
      return [record];
  }
}

function subjectLine(pattern: string, { headline }: Message, content: CloudinaryNotification): string {
  const [asset] = content.assets;
  const values: Readonly<Record<string, string>> = {
    headline,
    public_id: asset?.public_id ?? "",
    folder: asset?.asset_folder ?? "",
    type: content.type === "unknown" ? content.name : content.type,
  };
  const line = pattern.replace(/\{(\w+)\}/g, (all, name: string) => own(values, name) ?? all);
  return plain(line, 150) || plain(headline, 150); // SendGrid rejects mails without a subject.
}
