import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import type { Asset } from "../../lib/notifications/notification.ts";
import { isBelowFolder } from "../../lib/shared/folders.ts";
import type { PimSettings } from "../../settings.types.ts";

/**
 * Whether a visitor uploaded the asset: the notification was received on /webhooks/public, or the asset is or was in a folder of
 * `untrusted`. An upload to an existing name does not count; otherwise visitors could remove any picture from its product.
 */
export function isUntrusted(
  asset: Asset,
  notification: RecordedNotification,
  { untrusted }: PimSettings,
): boolean {
  const { content, byPublicHook } = notification;
  if (byPublicHook && !isExisting(content)) return true;
  const names = [
    asset.public_id,
    content.type === "rename" ? content.to : undefined,
    // A visitor chose the folder of what exists already; its name is its own.
    ...(isExisting(content) || asset.asset_folder === undefined ? [] : [`${asset.asset_folder}/`]),
  ];
  return isBelowFolder(names, untrusted);
}

/**
 * Whether an upload found its name taken and changed nothing. What it says of the asset beyond its name can come from the request, and so
 * from a visitor; nothing in the body tells a visitor's request from the team's, and the global trigger reports both.
 */
export function isExisting(content: RecordedNotification["content"]): boolean {
  return content.type === "upload" && content.existing;
}
