import { z } from "zod";

/**
 * The published rules of what a webhook accepts, as far as the receiver uses it.
 * Slack: https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 * Discord: https://discord.com/developers/docs/resources/webhook#execute-webhook, and "Embed limits" of the message resource
 * Teams: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using, adaptivecards.io/explorer
 */

const slackUrl = z.url({ protocol: /^https?$/ }).max(3_000);
const plainText = (max: number) =>
  z.strictObject({
    type: z.literal("plain_text"),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });
const markdown = (max: number) =>
  z.strictObject({
    type: z.literal("mrkdwn"),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  });
const button = z.strictObject({
  type: z.literal("button"),
  action_id: z.string().max(255).optional(),
  text: plainText(75),
  url: slackUrl.optional(),
  style: z.enum(["primary", "danger"]).optional(),
});
const slackBlock = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("header"), text: plainText(150) }),
  z
    .strictObject({
      type: z.literal("section"),
      text: markdown(3_000).optional(),
      fields: z.array(markdown(2_000)).min(1).max(10).optional(),
    })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined),
  z.strictObject({
    type: z.literal("image"),
    image_url: slackUrl,
    alt_text: z.string().min(1).max(2_000),
  }),
  z.strictObject({ type: z.literal("actions"), elements: z.array(button).min(1).max(25) }),
  z.strictObject({ type: z.literal("context"), elements: z.array(markdown(3_000)).min(1).max(10) }),
]);
export const slackSchema = z.strictObject({
  text: z.string().max(40_000),
  blocks: z.array(slackBlock).max(50),
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
});
export type SlackMessage = z.infer<typeof slackSchema>;

const embed = z.strictObject({
  title: z.string().max(256).optional(),
  url: z.url().max(2_048).optional(),
  description: z.string().max(4_096).optional(),
  color: z.number().int().min(0).max(0xffffff).optional(),
  author: z.strictObject({ name: z.string().min(1).max(256) }).optional(),
  footer: z.strictObject({ text: z.string().max(2_048) }).optional(),
  image: z.strictObject({ url: z.url().max(2_048) }).optional(),
  fields: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(256),
        value: z.string().min(1).max(1_024),
        inline: z.boolean().optional(),
      }),
    )
    .max(25)
    .optional(),
});

const maxEmbedCharacters = 6_000;

export const discordSchema = z
  .strictObject({
    content: z.string().max(2_000).optional(),
    embeds: z.array(embed).max(10).default([]),
    allowed_mentions: z.strictObject({ parse: z.array(z.enum(["roles", "users", "everyone"])) }).optional(),
  })
  .refine(({ content = "", embeds }) => content !== "" || embeds.length > 0, "Cannot send an empty message")
  .refine(
    ({ embeds }) => embeds.map(charactersOf).reduce((sum, n) => sum + n, 0) <= maxEmbedCharacters,
    "Embed size exceeds maximum size of 6000",
  );
export type DiscordMessage = z.infer<typeof discordSchema>;

function charactersOf({ title, description, author, footer, fields = [] }: z.infer<typeof embed>): number {
  const texts = [title, description, author?.name, footer?.text, ...fields.flatMap((f) => [f.name, f.value])];
  return texts.join("").length;
}

const openUrl = z.strictObject({
  type: z.literal("Action.OpenUrl"),
  title: z.string().optional(),
  url: z.url(),
});
const textRun = z.strictObject({
  type: z.literal("TextRun"),
  text: z.string(),
  size: z.enum(["Small", "Default", "Medium", "Large", "ExtraLarge"]).optional(),
  weight: z.enum(["Lighter", "Default", "Bolder"]).optional(),
  color: z.enum(["default", "dark", "light", "accent", "good", "warning", "attention"]).optional(),
  isSubtle: z.boolean().optional(),
  selectAction: openUrl.optional(),
});
const spacing = z.enum(["None", "Small", "Default", "Medium", "Large", "ExtraLarge", "Padding"]).optional();
const cardElement = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("RichTextBlock"), spacing, inlines: z.array(textRun).min(1) }),
  z.strictObject({
    type: z.literal("Image"),
    url: z.url(),
    altText: z.string().optional(),
    size: z.enum(["Auto", "Stretch", "Small", "Medium", "Large"]).optional(),
    spacing,
  }),
]);
export const teamsSchema = z.strictObject({
  type: z.literal("message"),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal("application/vnd.microsoft.card.adaptive"),
        contentUrl: z.null(),
        content: z.strictObject({
          $schema: z.url(),
          type: z.literal("AdaptiveCard"),
          // Teams shows cards up to 1.5.
          version: z.string().regex(/^1\.[0-5]$/),
          msteams: z.strictObject({ width: z.literal("Full") }).optional(),
          body: z.array(cardElement),
          // Teams shows at most six buttons.
          actions: z.array(openUrl).max(6),
        }),
      }),
    )
    .length(1),
});
export type TeamsMessage = z.infer<typeof teamsSchema>;

export const maxTeamsBytes = 28 * 1_024;

/** An accepted message, as it is stored. */
export const postedSchema = z.discriminatedUnion("service", [
  z.object({ service: z.literal("slack"), at: z.string(), message: slackSchema }),
  z.object({ service: z.literal("teams"), at: z.string(), message: teamsSchema }),
  z.object({ service: z.literal("discord"), at: z.string(), message: discordSchema }),
]);
export type PostedMessage = z.infer<typeof postedSchema>;
