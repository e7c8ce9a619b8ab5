/** `cloudinary-webhooks/notifications`: what Cloudinary sends, as types, schemas and a parser. */

import { type Parsed, parse as parseBytes } from "../lib/notifications/parse.ts";
import { registry } from "../lib/notifications/registry.ts";
import type { NotificationType } from "../lib/notifications/types.ts";

export type { Issue } from "../lib/notifications/define.ts";
export type {
  AccessRule,
  Asset,
  Change,
  CloudinaryNotification,
  Common,
  Context,
  CustomNotification,
  Decision,
  DeliveryUrl,
  Derived,
  GeneratedImage,
  Info,
  Metadata,
  NotificationOf,
  NotificationType,
  TriggeredBy,
  UnknownNotification,
  UnreadableNotification,
  VideoTag,
} from "../lib/notifications/notification.ts";
export { isNotificationType, notificationTypes } from "../lib/notifications/types.ts";
export type { Parsed };

/**
 * The zod schema of a type's body as received: unknown fields are kept, and fields that no handler depends on can have any type.
 * `parse` checks with the same schema.
 */
export function schemaOf<T extends NotificationType>(type: T): (typeof registry)[T]["schema"] {
  return registry[type].schema;
}

/**
 * Parses the received bytes of a notification, or their text. Never throws: a body that is not a JSON object, or has an unknown type, is
 * also a notification. `ok: false` means that the type is known, but a field is missing or wrong; `issues` contains the paths.
 * `latest`: later times and versions in the body are lowered to it and listed in `clamped`, because a signature does not show that the
 * event happened. The receiver uses five minutes after `signedAt`.
 */
export function parse(body: Uint8Array | string, latest: Date | null = null): Parsed {
  return parseBytes(typeof body === "string" ? Buffer.from(body) : body, latest);
}
