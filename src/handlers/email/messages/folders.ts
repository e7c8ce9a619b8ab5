import type { NotificationOf } from "../../../lib/notifications/notification.ts";
import type { Message } from "../compose/message.ts";
import { plain } from "../compose/sanitize.ts";
import { circumstances, facts } from "./formatting.ts";

type OfFolder = NotificationOf<"create_folder" | "delete_folder" | "move_or_rename_asset_folder">;

export function folderMessage(content: OfFolder): Message {
  return {
    tone: "plain",
    label: "Folder",
    ...words(content),
    picture: null,
    failed: [],
    ready: null,
    facts: [
      ...facts(
        content.type === "move_or_rename_asset_folder"
          ? { Before: content.from, Now: content.to, Status: content.status }
          : { Folder: content.folder.path },
      ),
      ...circumstances(content),
    ],
  };
}

function words(content: OfFolder): Pick<Message, "headline" | "lead"> {
  switch (content.type) {
    case "create_folder":
      return {
        headline: `The folder ${plain(content.folder.path, 80)} was created`,
        lead: "It is available in the Media Library.",
      };
    case "delete_folder":
      return {
        headline: `The folder ${plain(content.folder.path, 80)} was deleted`,
        lead: "It no longer appears in the Media Library.",
      };
    case "move_or_rename_asset_folder":
      return {
        headline: `The folder ${plain(content.from, 80)} is now ${plain(content.to, 80)}`,
        lead: "Its contents moved with it.",
      };
    default:
      return content satisfies never;
  }
}
