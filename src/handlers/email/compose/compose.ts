import type { CloudOf } from "../../../lib/cloudinary/accounts.ts";
import type { RecordedNotification } from "../../../lib/deliveries/handler.ts";
import type { CloudinaryNotification } from "../../../lib/notifications/notification.ts";
import { own } from "../../../lib/shared/own.ts";
import type { SubjectPlaceholder } from "../../../lib/shared/placeholders.ts";
import type { Settings } from "../../../settings.types.ts";
import type { Known } from "../known.ts";
import { consequenceOf } from "../messages/consequence.ts";
import { facts, nameOf, titleOf, withTitle } from "../messages/formatting.ts";
import { messageOf } from "../messages/message-of.ts";
import { assetUrl, boardUrl, recordUrl } from "./links.ts";
import type { Message } from "./message.ts";
import { type Link, type Page, pageHtml, pageText } from "./page.ts";
import { ofOwnCloud, picture } from "./picture.ts";
import { plain, plainJson } from "./sanitize.ts";

export interface ComposeOptions {
  /** The URL of the site that serves the console; null omits links to it. */
  siteUrl: string | null;
  cloudOf: CloudOf;
  settings: Pick<Settings, "email" | "moderation" | "routes">;
  /** From the database. */
  known: Known;
  /** The address at which a recipient decides. */
  approveUrl?: string | null;
  /** The second mail about something that still waits. */
  reminder?: boolean;
  /** Can contain the placeholders of `subjectPlaceholders`; null uses the headline. */
  subject: string | null;
}

/** A mail without sender and recipients. */
export interface Composed {
  /** One line. */
  subject: string;
  html: string;
  text: string;
}

/** The mail about a notification; null when there is nothing to report yet and another notification follows. */
export function compose(notification: RecordedNotification, options: ComposeOptions): Composed | null {
  const page = pageOf(notification, options);
  return page && { subject: page.subject, html: pageHtml(page), text: pageText(page) };
}

/** What a mail or a chat message says about a notification; null as of `compose`. */
export function pageOf(notification: RecordedNotification, options: ComposeOptions): Page | null {
  const { id, content } = notification;
  const cloud = options.cloudOf(notification.cloud);
  const { known, settings } = options;
  const [asset] = content.assets;
  const message = messageOf(withTitle(content, titleOf(asset, known)));
  if (!message) return null;
  const shown = ofOwnCloud(message.picture, notification, cloud.own);
  const consequence = consequenceOf(content, known, settings);
  const [button = null, ...links] = [
    ...(options.approveUrl ? [{ title: "Approve or reject", url: options.approveUrl }] : []),
    ...(options.siteUrl === null
      ? []
      : linksOf(options.siteUrl, id, { content, waits: consequence?.waits ?? false })),
  ];
  const inCloudinary = isGone(content) ? null : assetUrl(settings.email.assetUrl, asset, cloud.own.cloudName);
  return {
    ...message,
    lead: consequence?.text ?? message.lead,
    facts: [
      ...facts({
        "Product environment": cloud.shownName ?? undefined,
        SKU: known.skus.join(", ") || undefined,
        People: known.people.join(", ") || undefined,
      }),
      ...message.facts,
    ],
    picture: shown && picture(shown, cloud.cloudinary),
    subject: `${options.reminder ? "Reminder: " : ""}${subjectLine(options.subject ?? "{headline}", message, { content, known })}`,
    button,
    links: [...links, ...(inCloudinary === null ? [] : [{ title: "Open in Cloudinary", url: inCloudinary }])],
    timeZone: settings.email.timeZone,
    json: settings.email.withJson && content.type !== "unreadable" ? jsonOf(content.body) : null,
    footer: `Sent by cloudinary-webhooks about notification ${id}.`,
  };
}

/** The asset has no page in Cloudinary any more. */
function isGone({ type, assets }: CloudinaryNotification): boolean {
  return type === "delete" || type === "delete_by_token" || assets.length !== 1;
}

function jsonOf(body: unknown): string {
  return plainJson(body) ?? "It is nested too deeply to be shown here; the record has it whole.";
}

/** The first link becomes the button. */
function linksOf(
  siteUrl: string,
  id: string,
  { content, waits }: { content: CloudinaryNotification; waits: boolean },
): Link[] {
  const record = { title: "Open the record", url: recordUrl(siteUrl, id) };
  const board = { title: "Open the moderation board", url: boardUrl(siteUrl) };
  switch (content.type) {
    case "info":
      return content.info.kind === "cloudinary_ai" ? [board, record] : [record];
    case "upload":
      return content.decisions.some(({ status }) => status === "pending") ? [board, record] : [record];
    case "moderation":
    case "moderation_summary":
      return waits || content.decisions.at(-1)?.status === "pending" ? [board, record] : [record, board];
    default:
      return [record];
  }
}

function subjectLine(
  pattern: string,
  { headline }: Message,
  { content, known }: { content: CloudinaryNotification; known: Known },
): string {
  const [asset] = content.assets;
  const values: Readonly<Record<SubjectPlaceholder, string>> = {
    headline,
    name: asset ? nameOf({ ...asset, title: titleOf(asset, known) ?? "" }) : "",
    sku: known.skus.join(", "),
    display_name: asset?.display_name ?? known.displayName ?? "",
    filename: known.filename ?? "",
    public_id: asset?.public_id ?? "",
    folder: asset?.asset_folder ?? "",
    type: content.type === "unknown" ? content.name : content.type,
  };
  const line = pattern.replace(/\{(\w+)\}/g, (all, name: string) => own(values, name) ?? all);
  return plain(line, 150) || plain(headline, 150); // SendGrid rejects mails without a subject.
}
