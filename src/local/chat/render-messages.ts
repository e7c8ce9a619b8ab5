import type { DiscordMessage, SlackMessage, TeamsMessage } from "./payload-rules.ts";

/** Block Kit, with the part of mrkdwn that has an effect: links, bold, italics, strike-through, code and emoji. */
export function slackHtml({ blocks }: SlackMessage): string {
  return blocks
    .map((block) => {
      switch (block.type) {
        case "header":
          return `<p class="head">${escaped(block.text.text)}</p>`;
        case "section": {
          const text = block.text === undefined ? "" : `<p>${mrkdwn(block.text.text)}</p>`;
          const fields = (block.fields ?? []).map((field) => `<p>${mrkdwn(field.text)}</p>`).join("");
          return `${text}${fields === "" ? "" : `<div class="fields">${fields}</div>`}`;
        }
        case "image":
          return imageHtml(block.image_url, block.alt_text);
        case "actions":
          return buttons(
            block.elements.map(({ text, url, style }) => ({
              title: text.text,
              url,
              isPrimary: style === "primary",
            })),
          );
        case "context":
          return `<p class="soft">${block.elements.map(({ text }) => mrkdwn(text)).join(" ")}</p>`;
        default:
          return block satisfies never;
      }
    })
    .join("");
}

const emoji = new Map([
  ["white_check_mark", "✅"],
  ["hourglass", "⌛"],
  ["x", "❌"],
  ["frame_with_picture", "🖼️"],
]);

/** The text has Slack's own escapes of &, < and >. */
function mrkdwn(text: string): string {
  return text
    .split(/(<[^<>]*>)/)
    .map((part) => {
      const [, url = "", title] = /^<([^|>]*)(?:\|(.*))?>$/s.exec(part) ?? [];
      if (url !== "") return link(unescaped(url), marked(title ?? url));
      return marked(part).replace(/:([a-z_]+):/g, (all, name: string) => emoji.get(name) ?? all);
    })
    .join("");
}

function marked(text: string): string {
  return escaped(unescaped(text))
    .replace(/(?<![\p{L}\p{N}])\*([^*\n]+)\*(?![\p{L}\p{N}])/gu, "<b>$1</b>")
    .replace(/(?<![\p{L}\p{N}])_([^_\n]+)_(?![\p{L}\p{N}])/gu, "<i>$1</i>")
    .replace(/(?<![\p{L}\p{N}])~([^~\n]+)~(?![\p{L}\p{N}])/gu, "<s>$1</s>")
    .replace(/`([^`\n]+)`/g, "<code>$1</code>");
}

const unescaped = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function discordHtml({ content, embeds }: DiscordMessage): string {
  const text = content === undefined ? "" : `<p>${markdown(content)}</p>`;
  return (
    text +
    embeds
      .map(({ title = "", url, description, color = 0, author, footer, image, fields = [] }) => {
        const head = url === undefined ? markdown(title) : link(url, markdown(title));
        const named = fields.map(({ name, value }) => `<p><b>${markdown(name)}</b>\n${markdown(value)}</p>`);
        return `<div class="bar" style="border-color:#${color.toString(16).padStart(6, "0")}">${author ? `<p class="soft">${escaped(author.name)}</p>` : ""}<p class="head">${head}</p>${description === undefined ? "" : `<p>${markdown(description)}</p>`}${named.length > 0 ? `<div class="fields">${named.join("")}</div>` : ""}${image ? imageHtml(image.url, "") : ""}${footer ? `<p class="soft">${escaped(footer.text)}</p>` : ""}</div>`;
      })
      .join("")
  );
}

/** Discord's Markdown: escapes first, then links, bold, italics, strike-through and code. */
function markdown(text: string): string {
  const tokens: string[] = [];
  const keep = (html: string) => `\ue000${tokens.push(html) - 1}\ue000`;
  const escapes = (part: string) =>
    part.replace(/\\([\\*_~`|<>[\]()#+.-])/g, (_, sign: string) => keep(escaped(sign)));
  const linked = escapes(text).replace(/\[([^[\]]+)\]\(<([^<>]+)>\)/g, (_, title: string, url: string) =>
    keep(link(url, escaped(title))),
  );
  const html = escaped(linked)
    .replace(/\*\*([^*]+)\*\*/g, "<b>$1</b>")
    .replace(/(?<!\w)[*_]([^*_]+)[*_](?!\w)/g, "<i>$1</i>")
    .replace(/~~([^~]+)~~/g, "<s>$1</s>")
    .replace(/`([^`]+)`/g, "<code>$1</code>");
  // A link's title may hold an escape.
  const fill = (part: string): string =>
    part.replace(/\ue000(\d+)\ue000/g, (_, at: string) => fill(tokens[Number(at)] ?? ""));
  return fill(html);
}

/** An Adaptive Card. Runs of rich text are not Markdown. */
export function teamsHtml({ attachments }: TeamsMessage): string {
  return attachments
    .map(({ content: { body, actions } }) => {
      const elements = body.map((element) => {
        if (element.type === "Image") return imageHtml(element.url, element.altText ?? "");
        const runs = element.inlines.map(({ text, size, weight, color, isSubtle, selectAction }) => {
          const classes = [
            size === "Small" ? "small" : size === "Large" ? "large" : "",
            weight === "Bolder" ? "bolder" : "",
            color ?? "",
            isSubtle === true ? "subtle" : "",
          ].filter(Boolean);
          const shown = `<span class="${classes.join(" ")}">${escaped(text)}</span>`;
          return selectAction === undefined ? shown : link(selectAction.url, shown);
        });
        return `<p>${runs.join("")}</p>`;
      });
      return `${elements.join("")}${buttons(actions.map(({ title = "", url }) => ({ title, url, isPrimary: false })))}`;
    })
    .join("");
}

function buttons(list: readonly { title: string; url: string | undefined; isPrimary: boolean }[]): string {
  if (list.length === 0) return "";
  const items = list.map(
    ({ title, url, isPrimary }) =>
      `<a${isPrimary ? ' class="primary"' : ""} href="${escaped(hrefOf(url ?? ""))}" rel="noreferrer">${escaped(title)}</a>`,
  );
  return `<div class="buttons">${items.join("")}</div>`;
}

/** `html`: rendered already. */
const link = (url: string, html: string): string =>
  `<a href="${escaped(hrefOf(url))}" rel="noreferrer">${html}</a>`;

const imageHtml = (url: string, alt: string): string =>
  `<img src="${escaped(hrefOf(url))}" alt="${escaped(alt)}" loading="lazy">`;

/** Nothing but web addresses, whatever was posted. */
const hrefOf = (url: string): string => (/^https?:\/\//.test(url) ? url : "#");

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
