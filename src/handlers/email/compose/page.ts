import { instant } from "../messages/formatting.ts";
import { messageHtml } from "../templates/templates.generated.ts";
import type { Fact, Message } from "./message.ts";
import type { Picture } from "./picture.ts";
import { fill, type View } from "./render-template.ts";
import { plain, safeUrl } from "./sanitize.ts";

/** A message with its subject, links and footer. */
export interface Page extends Omit<Message, "picture"> {
  picture: Picture | null;
  /** One line. */
  subject: string;
  button: Link | null;
  links: Link[];
  /** In which instants are shown. */
  timeZone: string;
  /** The sanitized JSON of the notification. */
  json: string | null;
  footer: string;
}

export interface Link {
  title: string;
  url: string;
}

export const toneColors = {
  good: "#1a7f4b",
  attention: "#b7791f",
  bad: "#c4352c",
  plain: "#0b5cad",
} as const;

export function pageHtml(page: Page): string {
  const { picture, failed, ready, button } = page;
  return fill(messageHtml, {
    ...heading(page),
    picture: picture
      ? [
          {
            srcUrl: picture.src,
            hrefUrl: picture.href,
            alt: plain(picture.alt),
            width: String(picture.width),
            notes: picture.blurred ? [{ note: "Blurred until a decision is made." }] : [],
          },
        ]
      : [],
    failed: failed.length > 0 ? [{ title: "Failed", items: failed.map(failureView) }] : [],
    ready: ready ? [{ title: ready.title, items: ready.items.map(fileView) }] : [],
    button: button ? [linkView(button)] : [],
    facts: page.facts.map((fact) => ({ label: fact.label, value: shownValue(fact, page) })),
    links: page.links.map(linkView),
    json: page.json === null ? [] : [{ text: page.json }],
  });
}

/** The value of a fact as text; instants in the time zone of the page. */
export function shownValue({ value }: Fact, { timeZone }: Pick<Page, "timeZone">): string {
  return typeof value === "string" ? plain(value, 400) : instant(value, timeZone);
}

/** The placeholders that both templates use. */
export function heading(
  page: Pick<Page, "subject" | "tone" | "label" | "headline" | "lead" | "footer">,
): View {
  return {
    subject: page.subject,
    preview: plain(page.lead, 200),
    toneColor: toneColors[page.tone],
    label: plain(page.label),
    headline: plain(page.headline, 400),
    lead: plain(page.lead, 400),
    footer: plain(page.footer, 300),
  };
}

export function linkView({ title, url }: Link): View {
  return { title, hrefUrl: url };
}

function failureView({ name, reason }: Message["failed"][number]): View {
  return { name: plain(name, 255), reason: plain(reason, 500) };
}

function fileView({ name, detail, url }: { name: string; detail: string; url: string }): View {
  return { name: plain(name, 255), detail: plain(detail), hrefUrl: url };
}

/** The plain-text version. Untrusted text stays on one line, so that it cannot imitate the rest of the mail. */
export function pageText(page: Page): string {
  const { picture, failed, ready } = page;
  return textOf([
    [plain(page.headline, 400), plain(page.lead, 400)],
    picture ? [`Picture: ${safeUrl(picture.href) ?? "no link"}`] : [],
    failed.length > 0
      ? ["Failed:", ...failed.map(({ name, reason }) => `- ${plain(name, 255)}: ${plain(reason, 500)}`)]
      : [],
    ready ? [`${ready.title}:`, ...ready.items.flatMap(fileLines)] : [],
    page.facts.map((fact) => `${fact.label ? `${fact.label}: ` : "  "}${shownValue(fact, page)}`),
    [...(page.button ? [page.button] : []), ...page.links].map(({ title, url }) => `${title}: ${url}`),
    page.json === null ? [] : ["The notification as Cloudinary sent it:", page.json],
    [page.footer],
  ]);
}

function fileLines({ name, detail, url }: { name: string; detail: string; url: string }): string[] {
  const measured = detail === "" ? "" : ` (${plain(detail)})`;
  return [`- ${plain(name, 255)}${measured}`, `  ${safeUrl(url) ?? "no link"}`];
}

/** Paragraphs of lines; empty ones are left out. */
export function textOf(paragraphs: readonly (readonly string[])[]): string {
  const full = paragraphs.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${full.join("\n\n")}\n`;
}
