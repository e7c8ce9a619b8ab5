import type { CloudOf } from "../../../lib/cloudinary/accounts.ts";
import type { CloudinaryNotification } from "../../../lib/notifications/notification.ts";
import { count, instant } from "../messages/formatting.ts";
import { messageOf } from "../messages/message-of.ts";
import { digestHtml } from "../templates/templates.generated.ts";
import type { Composed } from "./compose.ts";
import { inboxUrl, recordUrl } from "./links.ts";
import type { Message } from "./message.ts";
import { heading, type Link, linkView, textOf } from "./page.ts";
import { ofOwnCloud, tile } from "./picture.ts";
import { fill, type View } from "./render-template.ts";
import { plain, safeUrl } from "./sanitize.ts";

export interface DigestItem {
  notificationId: string;
  receivedAt: Date;
  cloud: string | null;
  /** null when the body was not loaded or is unreadable. */
  content: CloudinaryNotification | null;
  type: string;
  publicId: string | null;
}

export interface DigestOptions {
  siteUrl: string | null;
  cloudOf: CloudOf;
  timeZone: string;
}

// Gmail clips messages over 102 KB.
const maxTiles = 48;
const maxLines = 40;
const tilesInRow = 3;

interface Entry {
  message: Message;
  notificationId: string;
  /** null when there is no picture. */
  src: string | null;
}

/** What a digest says, for mails and chats. */
export interface DigestPage {
  page: ReturnType<typeof headingOf>;
  /** Every entry as a line, those that need attention first. */
  lines: { text: string; url: string | null }[];
  /** Notifications that are in no list. */
  left: number;
  button: Link | null;
}

/** A digest as lines. */
export function digestOf(items: readonly DigestItem[], options: DigestOptions): DigestPage {
  const { entries, urgent, calm, page, button } = sorted(items, options);
  const lines = [...urgent, ...calm].map((entry) => ({
    text: `${entry.message.headline}${entry.message.failed.length > 0 ? ` (${reasonOf(entry.message)})` : ""}`,
    url:
      options.siteUrl === null
        ? (entry.message.picture?.href ?? null)
        : recordUrl(options.siteUrl, entry.notificationId),
  }));
  return { page, lines, left: entries.length - lines.length, button };
}

function sorted(items: readonly DigestItem[], options: DigestOptions) {
  const entries = items.map((item) => entryOf(item, options));
  const urgent = entries.filter(({ message }) => message.tone === "bad" || message.tone === "attention");
  const calm = entries.filter((entry) => !urgent.includes(entry));
  const page = headingOf(items, entries, { urgent: urgent.length, timeZone: options.timeZone });
  const button: Link | null =
    options.siteUrl === null ? null : { title: "Open the console", url: inboxUrl(options.siteUrl) };
  return { entries, urgent, calm, page, button };
}

/** One mail about many notifications: first those that need attention, then a grid of pictures, then the rest by name. */
export function composeDigest(items: readonly DigestItem[], options: DigestOptions): Composed {
  const { urgent, calm, page, button } = sorted(items, options);
  const pictured = calm.filter(({ src }) => src !== null);
  const named = calm.filter(({ src }) => src === null);
  const left =
    Math.max(0, pictured.length - maxTiles) +
    Math.max(0, urgent.length - maxLines) +
    Math.max(0, named.length - maxLines);
  const more = left === 0 ? [] : [{ text: `and ${left} more in the console.` }];
  const groups = [
    { title: "Needs attention", entries: urgent },
    { title: "Without a picture", entries: named },
  ].filter((group) => group.entries.length > 0);
  return {
    subject: page.subject,
    html: fill(digestHtml, {
      ...heading(page),
      button: button ? [linkView(button)] : [],
      groups: groups.map((group) => ({
        title: group.title,
        items: group.entries.slice(0, maxLines).map((entry) => lineView(entry, options)),
      })),
      sheet:
        pictured.length > 0
          ? [{ title: "Pictures", rows: rowsOf(pictured.slice(0, maxTiles), options) }]
          : [],
      more,
    }),
    text: textOf([
      [page.headline, page.lead],
      ...groups.map((group) => [`${group.title}:`, ...group.entries.slice(0, maxLines).map(lineText)]),
      pictured.length > 0 ? ["Pictures:", ...pictured.slice(0, maxTiles).map(lineText)] : [],
      more.map(({ text }) => text),
      button ? [`${button.title}: ${button.url}`] : [],
      [page.footer],
    ]),
  };
}

function entryOf(item: DigestItem, { cloudOf }: DigestOptions): Entry {
  const message = (item.content && messageOf(item.content)) ?? unloaded(item);
  const { cloudinary, own, shownName } = cloudOf(item.cloud);
  const shown = ofOwnCloud(message.picture, item, own);
  const src = shown && tile(shown, cloudinary);
  const named = shownName === null ? message : { ...message, headline: `${message.headline} (${shownName})` };
  return { message: named, notificationId: item.notificationId, src };
}

/** The entry for a body that was too large to load. */
function unloaded({ type, publicId }: DigestItem): Message {
  const about = publicId === null ? "" : `: ${plain(publicId, 80)}`;
  return {
    tone: "plain",
    label: type.replaceAll("_", " "),
    headline: `Cloudinary reported ${type.replaceAll("_", " ")}${about}`,
    lead: "Details are in the record.",
    picture: null,
    failed: [],
    ready: null,
    facts: [],
  };
}

function headingOf(
  items: readonly DigestItem[],
  entries: readonly Entry[],
  { urgent, timeZone }: { urgent: number; timeZone: string },
) {
  const since = new Date(Math.min(...items.map(({ receivedAt }) => receivedAt.getTime())));
  const needs = urgent === 0 ? "" : `, ${urgent} ${urgent === 1 ? "needs" : "need"} attention`;
  const headline = `${count(items.length, "notification")} from Cloudinary${needs}`;
  const byLabel = Map.groupBy(entries, ({ message }) => message.label);
  const kinds = [...byLabel]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([label, some]) => `${some.length} × ${label}`);
  return {
    subject: headline,
    tone: urgent === 0 ? ("plain" as const) : ("attention" as const),
    label: "Digest",
    headline,
    lead: `Since ${instant(since, timeZone)}: ${plain(kinds.join(", "), 300)}. They are combined in one e-mail because many arrived at once.`,
    footer: "Sent by cloudinary-webhooks. Each notification has its own record.",
  };
}

function rowsOf(entries: readonly Entry[], { siteUrl }: DigestOptions): View[] {
  const rows = Map.groupBy(entries, (entry) => Math.floor(entries.indexOf(entry) / tilesInRow));
  return [...rows.values()].map((row) => ({ tiles: row.map((entry) => tileView(entry, siteUrl)) }));
}

function tileView({ message, notificationId, src }: Entry, siteUrl: string | null): View {
  const { picture, headline } = message;
  return {
    srcUrl: src ?? "",
    hrefUrl: siteUrl === null ? (picture?.href ?? "") : recordUrl(siteUrl, notificationId),
    alt: plain(picture?.alt ?? ""),
    name: plain(headline, 90),
  };
}

function lineView({ message, notificationId }: Entry, { siteUrl }: DigestOptions): View {
  const records = siteUrl === null ? [] : [{ hrefUrl: recordUrl(siteUrl, notificationId) }];
  return { name: plain(message.headline, 200), detail: plain(reasonOf(message), 300), records };
}

function lineText({ message }: Entry): string {
  const href = message.picture && safeUrl(message.picture.href);
  return `- ${plain(message.headline, 200)}${message.failed.length > 0 ? ` (${plain(reasonOf(message), 300)})` : ""}${href ? `\n  ${href}` : ""}`;
}

function reasonOf({ failed, label }: Message): string {
  return failed[0] ? `${failed[0].name}: ${failed[0].reason}` : label;
}
