import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import type { Asset } from "../../lib/notifications/notification.ts";
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
  const { public_id, asset_folder } = asset;
  const names = [public_id, content.type === "rename" ? content.to : undefined];
  return untrusted.some(
    (folder) =>
      (asset_folder !== undefined && `${asset_folder}/`.startsWith(`${folder}/`)) ||
      names.some((name) => name?.startsWith(`${folder}/`)),
  );
}

/** A visitor's upload to an existing name: its product data may come from the visitor and not from the asset. */
export function echoesVisitor({ content, byPublicHook }: RecordedNotification): boolean {
  return byPublicHook && isExisting(content);
}

function isExisting(content: RecordedNotification["content"]): boolean {
  return content.type === "upload" && content.existing;
}
