import type { Composed } from "../handlers/email/compose/compose.ts";
import { healthUrl } from "../handlers/email/compose/links.ts";
import { heading, type Link, linkView, textOf } from "../handlers/email/compose/page.ts";
import { fill } from "../handlers/email/compose/render-template.ts";
import { plain } from "../handlers/email/compose/sanitize.ts";
import { count } from "../handlers/email/messages/formatting.ts";
import { digestHtml } from "../handlers/email/templates/templates.generated.ts";
import type { AlertChange } from "./channel.ts";

/** What an alert says before its list, in a mail or a chat. */
export function alertHeading(changes: readonly AlertChange[], siteUrl: string | null) {
  const began = changes.filter(({ active }) => active);
  const ended = changes.filter(({ active }) => !active);
  const [first] = began.length > 0 ? began : ended;
  const others = changes.length - 1;
  const what = plain(first?.what ?? "", 90);
  const subject = `${began.length > 0 ? "Alert" : "Resolved"}: ${what}${others > 0 ? `, and ${count(others, "other change")}` : ""}`;
  const button: Link | null = siteUrl === null ? null : { title: "Open Health", url: healthUrl(siteUrl) };
  const page = {
    subject,
    tone: began.length > 0 ? ("bad" as const) : ("good" as const),
    label: began.length > 0 ? "Alert" : "Resolved",
    headline: `${what}${began.length === 0 ? ": resolved" : ""}`,
    lead:
      began.length > 0
        ? "The receiver needs attention. You get one message when a problem begins, and one when it is resolved."
        : "The receiver no longer finds this problem.",
    footer: "Sent by cloudinary-webhooks. Mute a cause in the console under Health.",
  };
  return { began, ended, page, button };
}

/** An alert as a mail: what began with its reason and fix, and what has ended. */
export function composeAlert(changes: readonly AlertChange[], siteUrl: string | null): Composed {
  const { began, ended, page, button } = alertHeading(changes, siteUrl);
  const { subject } = page;
  const groups = [
    { title: "Needs attention", entries: began },
    { title: "Resolved", entries: ended },
  ].filter(({ entries }) => entries.length > 0);
  return {
    subject,
    html: fill(digestHtml, {
      ...heading(page),
      button: button ? [linkView(button)] : [],
      groups: groups.map(({ title, entries }) => ({
        title,
        items: entries.map((change) => ({
          name: plain(change.what, 300),
          detail: plain(detailOf(change), 600),
          records: [],
        })),
      })),
      sheet: [],
      more: [],
    }),
    text: textOf([
      [page.headline, page.lead],
      ...groups.map(({ title, entries }) => [
        `${title}:`,
        ...entries.flatMap((change) => [`- ${plain(change.what, 300)}`, `  ${plain(detailOf(change), 600)}`]),
      ]),
      button ? [`${button.title}: ${button.url}`] : [],
      [page.footer],
    ]),
  };
}

/** Why, how to fix it, and since when. */
export function detailOf({ active, why, fix, beganAt, endedAt }: AlertChange): string {
  if (active) return [why, fix, `Since ${instant(beganAt)}.`].filter(Boolean).join(" ");
  return `From ${instant(beganAt)} to ${endedAt === null ? "now" : instant(endedAt)}.`;
}

const instant = (at: string): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
