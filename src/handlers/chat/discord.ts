import { toneColors } from "../email/compose/page.ts";
import type { ChatMessage } from "./message.ts";

/** Discord counts the characters of all embeds; names that need many escapes are longer. */
const maxTotal = 5_900;
const maxTitle = 256;
const maxField = 1_024;
const maxDescription = 4_000;

/** An embed. Buttons are components, which webhooks of people cannot have, so links are text. */
export function discordPayload(message: ChatMessage): object {
  const { headline, picture, facts, links, footer, label } = message;
  const fields = facts.map(({ label: name, value }) => ({
    name: cut(escapeDiscord(name), maxTitle),
    value: cut(escapeDiscord(value), maxField),
    inline: true,
  }));
  const [first] = links;
  const title = cut(escapeDiscord(headline), maxTitle);
  const counted = [title, label, footer, ...fields.flatMap(({ name, value }) => [name, value])];
  const room = Math.min(maxDescription, maxTotal - counted.join("").length);
  return {
    // Nobody is notified, whatever a name contains.
    allowed_mentions: { parse: [] },
    embeds: [
      {
        author: { name: label },
        title,
        ...(first && { url: first.url }),
        description: described(message, room),
        color: Number.parseInt(toneColors[message.tone].slice(1), 16),
        fields,
        ...(picture && { image: { url: picture.src } }),
        footer: { text: footer },
      },
    ],
  };
}

/** Room for what is said about entries that do not fit. */
const spare = 120;

/** The lead, then links, which come first where there is little room, then lines; those that do not fit are counted. */
function described({ lead, lines, more, links }: ChatMessage, room: number): string {
  const start = cut(escapeDiscord(lead), Math.max(1, room - spare));
  let left = room - spare - start.length;
  const taken = (texts: readonly string[], separator: string) => {
    const fitting: string[] = [];
    for (const text of texts) {
      if (text.length + separator.length > left) break;
      left -= text.length + separator.length;
      fitting.push(text);
    }
    return fitting;
  };
  const ends = taken(
    links.map(({ title, url }) => linked(title, url)),
    "  ·  ",
  ).join("  ·  ");
  const shown = taken(
    lines.map(({ text, url }) => `• ${url === null ? escapeDiscord(text) : linked(text, url)}`),
    "\n",
  );
  const rest = [
    ...(shown.length < lines.length ? [`${lines.length - shown.length} entries do not fit here.`] : []),
    ...(more === null ? [] : [cut(escapeDiscord(more), 60)]),
  ];
  return [[start, ...shown, ...rest].join("\n"), ...(ends === "" ? [] : [ends])].join("\n\n");
}

function linked(title: string, url: string): string {
  const target = url.replace(/[*~|`()<>\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `[${escapeDiscord(title)}](<${target}>)`;
}

/** Every character that Discord's Markdown, mentions, emoji or timestamps begin with. */
export function escapeDiscord(text: string): string {
  return text.replace(/[\\*_~`|<>[\]()]/g, "\\$&").replace(/^(\s*)(#{1,3}|[-+]|\d+\.)(?=\s)/, "$1\\$2");
}

/** Not within an escape. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = text.slice(0, length - 1).toWellFormed();
  return `${/(?:^|[^\\])(?:\\\\)*\\$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
