import { z } from "zod";

const address = z.looseObject({ email: z.string(), name: z.string().optional() });
export type Address = z.infer<typeof address>;

const texts = z.record(z.string(), z.string());
const someText = z.string().min(1);
const settings = (names: Record<string, z.ZodType>) => z.looseObject(names).partial().optional();
const toggle = settings({ enable: z.boolean() });

const personalization = z.looseObject({
  from: address.optional(),
  to: z.array(address),
  cc: z.array(address).optional(),
  bcc: z.array(address).optional(),
  subject: someText.optional(),
  headers: texts.optional(),
  substitutions: texts.optional(),
  dynamic_template_data: z.record(z.string(), z.json()).optional(),
  custom_args: texts.optional(),
  send_at: z.number().int().optional(),
});

const attachment = z.looseObject({
  content: someText,
  filename: z.string(),
  type: someText.optional(),
  disposition: z.enum(["inline", "attachment"]).optional(),
  content_id: z.string().optional(),
});

/** The schema of `POST /v3/mail/send`; `rules.ts` has the checks beyond it. */
export const mailSchema = z.looseObject({
  personalizations: z.array(personalization),
  from: address,
  reply_to: address.optional(),
  reply_to_list: z.array(address).max(1_000).optional(),
  subject: someText.optional(),
  content: z.array(z.looseObject({ type: someText, value: z.string() })).optional(),
  attachments: z.array(attachment).optional(),
  template_id: z.string().optional(),
  headers: texts.optional(),
  categories: z.array(z.string().max(255)).optional(),
  custom_args: texts.optional(),
  send_at: z.number().int().optional(),
  batch_id: z.string().optional(),
  asm: z
    .looseObject({
      group_id: z.number().int(),
      groups_to_display: z.array(z.number().int()).max(25).optional(),
    })
    .optional(),
  ip_pool_name: z.string().min(2).max(64).optional(),
  mail_settings: z
    .looseObject({
      bypass_list_management: toggle,
      bypass_spam_management: toggle,
      bypass_bounce_management: toggle,
      bypass_unsubscribe_management: toggle,
      footer: settings({ enable: z.boolean(), text: z.string(), html: z.string() }),
      sandbox_mode: z.looseObject({ enable: z.boolean().optional() }).optional(),
    })
    .optional(),
  tracking_settings: settings({
    click_tracking: settings({ enable: z.boolean(), enable_text: z.boolean() }),
    open_tracking: settings({ enable: z.boolean(), substitution_tag: z.string() }),
    subscription_tracking: settings({
      enable: z.boolean(),
      text: z.string(),
      html: z.string(),
      substitution_tag: z.string(),
    }),
    ganalytics: settings({
      enable: z.boolean(),
      utm_source: z.string(),
      utm_medium: z.string(),
      utm_term: z.string(),
      utm_content: z.string(),
      utm_campaign: z.string(),
    }),
  }),
});
export type Mail = z.infer<typeof mailSchema>;
