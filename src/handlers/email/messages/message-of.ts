import type { CloudinaryNotification } from "../../../lib/notifications/notification.ts";
import type { Message } from "../compose/message.ts";
import { deletionMessage, eagerMessage, renameMessage, uploadMessage } from "./assets.ts";
import { changesMessage } from "./changes.ts";
import { folderMessage } from "./folders.ts";
import { generatedMessage } from "./generated.ts";
import { infoMessage } from "./info.ts";
import { moderationMessage } from "./moderation.ts";
import { otherMessage } from "./other.ts";

/** The message about a notification; null when there is nothing to report yet and another notification follows. */
export function messageOf(content: CloudinaryNotification): Message | null {
  switch (content.type) {
    case "eager":
      return eagerMessage(content);
    case "upload":
      return uploadMessage(content);
    case "moderation":
    case "moderation_summary":
      return moderationMessage(content);
    case "info":
      return infoMessage(content);
    case "delete":
    case "delete_by_token":
      return deletionMessage(content);
    case "rename":
      return renameMessage(content);
    case "sprite":
    case "explode":
    case "multi":
    case "generate_archive":
      return generatedMessage(content);
    case "resource_tags_changed":
    case "resource_context_changed":
    case "resource_metadata_changed":
    case "resource_display_name_changed":
    case "access_control_changed":
    case "move":
      return changesMessage(content);
    case "create_folder":
    case "delete_folder":
    case "move_or_rename_asset_folder":
      return folderMessage(content);
    default:
      return otherMessage(content);
  }
}
