/** Cloudinary's list of event types, and three types that it sends without listing them. Does not import zod, so any file can import it. */
export const notificationTypes = [
  "access_control_changed",
  "all",
  "analyze",
  "bulk_refresh_auto_fetch",
  "create_folder",
  "delete",
  "delete_by_token",
  "delete_folder",
  "eager",
  "error",
  "explode",
  "generate_archive",
  "info",
  "invalidate_custom_cdn",
  "moderation",
  "moderation_summary",
  "move",
  "move_or_rename_asset_folder",
  "multi",
  "proof_status_changed",
  "publish",
  "related_assets",
  "rename",
  "report",
  "resource_context_changed",
  "resource_display_name_changed",
  "resource_metadata_changed",
  "resource_tags_changed",
  "restore_asset_version",
  "sprite",
  "upload",
] as const;

export type NotificationType = (typeof notificationTypes)[number];

const known: ReadonlySet<string> = new Set(notificationTypes);

export function isNotificationType(name: string): name is NotificationType {
  return known.has(name);
}
