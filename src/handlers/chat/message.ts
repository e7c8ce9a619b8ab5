import type { DigestPage } from "../email/compose/digest.ts";
import type { Message } from "../email/compose/message.ts";
import type { Link, Page } from "../email/compose/page.ts";
import { shownValue } from "../email/compose/page.ts";
import { plain, safeUrl } from "../email/compose/sanitize.ts";

/** A message for any chat, composed as its e-mail is. Its texts are single lines with secrets and addresses masked; each service escapes them. */
export interface ChatMessage {
  tone: Message["tone"];
  label: string;
  headline: string;
  lead: string;
  picture: { src: string; alt: string } | null;
  facts: { label: string; value: string }[];
  /** Entries of a list, with a link each. */
  lines: ChatLine[];
  /** What the lines leave out. */
  more: string | null;
  /** Buttons. */
  links: Link[];
  footer: string;
}

export interface ChatLine {
  text: string;
  url: string | null;
}

const maxFacts = 8;
const maxLines = 15;
const maxLinks = 5;
/** The longest URL that every service accepts as that of a button. */
const maxUrlLength = 2_000;

/** A chat has less room than a mail; and `faces.inMails` is about mails only. */
const leftOut = new Set(["Version", "Tags", "Triggered by", "People", ""]);

export function messageOfPage(page: Page): ChatMessage {
  const lines: ChatLine[] = [
    ...page.failed.map(({ name, reason }) => ({ text: `${name}: ${reason}`, url: null })),
    ...(page.ready?.items ?? []).map(({ name, detail, url }) => ({
      text: detail === "" ? name : `${name} (${detail})`,
      url,
    })),
  ];
  return {
    ...start(page),
    // With the mark of a reminder.
    headline: plain(page.subject, 140),
    picture: page.picture && { src: page.picture.src, alt: plain(page.picture.alt, 120) },
    facts: page.facts
      .filter(({ label }) => !leftOut.has(label))
      .map((fact) => ({ label: plain(fact.label, 40), value: plain(shownValue(fact, page), 200) }))
      .filter(({ value }) => value !== "") // Discord rejects a message with an empty one.
      .slice(0, maxFacts),
    ...cut(lines),
    links: usable([...(page.button ? [page.button] : []), ...page.links]),
  };
}

export function messageOfDigest({ page, lines, left, button }: DigestPage): ChatMessage {
  const listed = cut(lines);
  const unlisted = left + Math.max(0, lines.length - listed.lines.length);
  return {
    ...start({ ...page, lead: page.lead.replace("in one e-mail", "in one message") }),
    headline: plain(page.headline, 140),
    picture: null,
    facts: [],
    lines: listed.lines,
    more: unlisted === 0 ? null : `and ${unlisted} more in the console.`,
    links: usable(button ? [button] : []),
  };
}

function start({ tone, label, lead, footer }: Pick<Page, "tone" | "label" | "lead" | "footer">) {
  return { tone, label: plain(label, 60), lead: plain(lead, 400), footer: plain(footer, 200) };
}

function cut(lines: readonly ChatLine[]): { lines: ChatLine[]; more: string | null } {
  const left = lines.length - maxLines;
  return {
    lines: lines.slice(0, maxLines).map(({ text, url }) => ({
      text: plain(text, 160),
      url: url === null ? null : usableUrl(url),
    })),
    more: left > 0 ? `and ${left} more.` : null,
  };
}

function usable(links: readonly Link[]): Link[] {
  return links
    .filter(({ url }) => usableUrl(url) !== null)
    .slice(0, maxLinks)
    .map(({ title, url }) => ({ title: plain(title, 60), url }));
}

function usableUrl(url: string): string | null {
  const safe = safeUrl(url);
  return safe !== null && safe.length <= maxUrlLength ? safe : null;
}
