import type { ChatMessage } from "./message.ts";

const colors = { good: "good", attention: "warning", bad: "attention", plain: "accent" } as const;

/** Teams rejects messages over 28 KB. */
const maxBytes = 26 * 1_024;

/**
 * An Adaptive Card in the envelope that the Workflows template "Post to a channel when a webhook request is received" expects. Texts are
 * runs of rich text, which Teams does not read as Markdown, so that nothing in a name is markup.
 */
export function teamsPayload(message: ChatMessage): object {
  for (let shown = message.lines.length; ; shown -= 1) {
    const payload = envelope(message, shown);
    if (shown === 0 || Buffer.byteLength(JSON.stringify(payload)) <= maxBytes) return payload;
  }
}

function envelope(message: ChatMessage, shown: number): object {
  const { label, headline, lead, picture, facts, lines, more, links, footer } = message;
  const left = lines.length - shown;
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          msteams: { width: "Full" },
          body: [
            rich([run(label, { size: "Small", isSubtle: true })]),
            rich([run(headline, { size: "Large", weight: "Bolder", color: colors[message.tone] })], "None"),
            rich([run(lead)]),
            ...(picture
              ? [
                  {
                    type: "Image",
                    url: picture.src,
                    altText: picture.alt,
                    size: "Stretch",
                    spacing: "Medium",
                  },
                ]
              : []),
            ...facts.map(({ label: name, value }) =>
              rich([run(`${name}: `, { isSubtle: true }), run(value)], "Small"),
            ),
            ...lines
              .slice(0, shown)
              .map(({ text, url }) =>
                rich(
                  [
                    run(`• ${text}`),
                    ...(url === null
                      ? []
                      : [run(" "), run("open", { selectAction: { type: "Action.OpenUrl", url } })]),
                  ],
                  "Small",
                ),
              ),
            ...(left > 0 ? [rich([run(`${left} entries do not fit here.`)], "Small")] : []),
            ...(more === null ? [] : [rich([run(more)], "Small")]),
            rich([run(footer, { size: "Small", isSubtle: true })], "Medium"),
          ],
          actions: links.map(({ title, url }) => ({ type: "Action.OpenUrl", title, url })),
        },
      },
    ],
  };
}

const run = (text: string, style: object = {}) => ({ type: "TextRun", text, ...style });

const rich = (inlines: readonly object[], spacing = "Default") => ({
  type: "RichTextBlock",
  spacing,
  inlines,
});
