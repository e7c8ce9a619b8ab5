import { chatHandler } from "./chat/handler.ts";
import { emailHandler } from "./email/handler.ts";
import { facesHandler } from "./faces/handler.ts";
import { forwardHandler } from "./forward/handler.ts";
import { moderationHandler } from "./moderation/handler.ts";
import { pimHandler } from "./pim/handler.ts";
import { pimAkeneoHandler } from "./pim-akeneo/handler.ts";
import { pimWebhookHandler } from "./pim-webhook/handler.ts";

/**
 * Every handler of this receiver. `npm run webhooks -- new handler <name>` adds yours; src/settings.ts routes notifications to it
 * (docs/handlers.md). Only functions that deliver load this file: hooks plan deliveries by name.
 */
export const handlers = [
  emailHandler,
  chatHandler,
  pimHandler,
  pimWebhookHandler,
  pimAkeneoHandler,
  moderationHandler,
  facesHandler,
  forwardHandler,
] as const;

type Listed = (typeof handlers)[number];
type HandlerName = Listed["name"];

/** What src/settings.ts can say about handlers: only names that exist, and only settings that the handler has. */
export interface HandlerSettings {
  routes: Readonly<Record<string, readonly Exclude<HandlerName, `pim:${string}`>[]>>;
  pim: { connectors: readonly Extract<HandlerName, `pim:${string}`>[] };
  handlers?: { readonly [One in Listed as One["name"]]?: Readonly<Partial<One["settings"]>> };
}
