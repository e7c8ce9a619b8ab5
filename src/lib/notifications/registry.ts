import type * as z from "zod";
import type { JsonObject } from "../shared/json.ts";
import type { Checked, Common } from "./define.ts";
import { analyze } from "./schemas/analysis.ts";
import {
  accessControlChanged,
  contextChanged,
  displayNameChanged,
  metadataChanged,
  move,
  tagsChanged,
} from "./schemas/changes.ts";
import { proofStatusChanged, relatedAssets } from "./schemas/collaboration.ts";
import { deletion, deletionByToken } from "./schemas/deletion.ts";
import { createFolder, deleteFolder, moveFolder } from "./schemas/folders.ts";
import { archive, explode, multi, sprite } from "./schemas/generated.ts";
import { info, moderation, moderationSummary } from "./schemas/moderation.ts";
import {
  all,
  error,
  invalidateCustomCdn,
  publish,
  refreshAutoFetch,
  report,
  restoreAssetVersion,
} from "./schemas/named.ts";
import { rename } from "./schemas/rename.ts";
import { eager, upload } from "./schemas/upload.ts";
import type { NotificationType } from "./types.ts";

/** The required fields of an entry. A type without an entry, or with the entry of another type, does not compile. */
export type Entries = {
  [T in NotificationType]: {
    schema: z.ZodType;
    when: string;
    carries: string;
    check(body: JsonObject): Checked<Common & { type: T; body: JsonObject }>;
  };
};

/** Every type of notification, with its schema and its normalised form. */
export const registry = {
  access_control_changed: accessControlChanged,
  all,
  analyze,
  bulk_refresh_auto_fetch: refreshAutoFetch,
  create_folder: createFolder,
  delete: deletion,
  delete_by_token: deletionByToken,
  delete_folder: deleteFolder,
  eager,
  error,
  explode,
  generate_archive: archive,
  info,
  invalidate_custom_cdn: invalidateCustomCdn,
  moderation,
  moderation_summary: moderationSummary,
  move,
  move_or_rename_asset_folder: moveFolder,
  multi,
  proof_status_changed: proofStatusChanged,
  publish,
  related_assets: relatedAssets,
  rename,
  report,
  resource_context_changed: contextChanged,
  resource_display_name_changed: displayNameChanged,
  resource_metadata_changed: metadataChanged,
  resource_tags_changed: tagsChanged,
  restore_asset_version: restoreAssetVersion,
  sprite,
  upload,
} satisfies Entries;
