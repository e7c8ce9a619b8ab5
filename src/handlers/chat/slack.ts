import type { ChatMessage } from "./message.ts";

const marks = {
  good: ":white_check_mark:",
  attention: ":hourglass:",
  bad: ":x:",
  plain: ":frame_with_picture:",
};

/** Of the text of one section. */
const maxText = 3_000;

/** Block Kit for an incoming webhook. `text` is what notifications show. */
export function slackPayload(message: ChatMessage): object {
  const { headline, lead, picture, facts, lines, more, links, footer } = message;
  return {
    text: escapeSlack(headline),
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "header", text: { type: "plain_text", text: headline, emoji: false } },
      section(`${marks[message.tone]} ${escapeSlack(lead)}`),
      ...(picture ? [{ type: "image", image_url: picture.src, alt_text: picture.alt || "picture" }] : []),
      ...(facts.length > 0
        ? [
            {
              type: "section",
              fields: facts.map(({ label, value }) => text(`*${escapeSlack(label)}*\n${escapeSlack(value)}`)),
            },
          ]
        : []),
      ...chunks(lines.map((line) => lineText(line))).map(section),
      ...(more === null ? [] : [section(escapeSlack(more))]),
      ...(links.length > 0
        ? [
            {
              type: "actions",
              elements: links.map(({ title, url }, index) => ({
                type: "button",
                action_id: `link-${index}`,
                text: { type: "plain_text", text: title, emoji: false },
                url,
                ...(index === 0 && { style: "primary" }),
              })),
            },
          ]
        : []),
      { type: "context", elements: [text(escapeSlack(footer))] },
    ],
  };
}

const section = (content: string) => ({ type: "section", text: text(content) });

/** `verbatim`: no names, channels or addresses in it become links. */
const text = (content: string) => ({ type: "mrkdwn", text: content, verbatim: true });

function lineText({ text: shown, url }: ChatMessage["lines"][number]): string {
  return url === null
    ? `• ${escapeSlack(shown)}`
    : `• <${url.replaceAll("|", "%7C").replaceAll(">", "%3E")}|${escapeSlack(shown)}>`;
}

/** Lines in texts that are no longer than a section allows. */
function chunks(lines: readonly string[]): string[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length + 1 <= maxText)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts;
}

/** Slack's three control characters. Marks for bold and the like are kept from their letters by an invisible space, as Slack has no escape for them. */
export function escapeSlack(shown: string): string {
  return shown
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/(?<![\p{L}\p{N}])[*_~`]|[*_~`](?![\p{L}\p{N}])/gu, "\u200b$&\u200b");
}
