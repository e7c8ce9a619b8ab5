import { publish, selectionParameters, updateAccessMode } from "./admin-api/access.ts";
import { config, usage } from "./admin-api/account.ts";
import {
  deleteByAssetIds,
  deleteByTag,
  deleteDerived,
  deleteMany,
  deletionParameters,
} from "./admin-api/deletion.ts";
import { createFolder, deleteFolder, listFolders, renameFolder } from "./admin-api/folders.ts";
import { listParameters } from "./admin-api/listing.ts";
import {
  createPreset,
  deletePreset,
  listPresets,
  presetParameters,
  showPreset,
  updatePreset,
} from "./admin-api/presets.ts";
import { relate, unrelate } from "./admin-api/relations.ts";
import {
  detailParameters,
  list,
  listByAssetIds,
  listByContext,
  listByFolder,
  listByModeration,
  listByTag,
  listTags,
  named,
  show,
  update,
} from "./admin-api/resources.ts";
import { deleteVersions, restore, restoreByAssetIds } from "./admin-api/restore.ts";
import {
  createTrigger,
  deleteTrigger,
  listTriggers,
  testTrigger,
  triggerParameters,
  updateTrigger,
} from "./admin-api/triggers.ts";
import { type Call, type MadeCall, must } from "./call.ts";
import { download, downloadBackup, downloadByAssetId, downloadParameters } from "./delivery/download.ts";
import { analysisParameters } from "./media/analysis.ts";
import { deleteEntries, orderDatasource, restoreEntries, updateDatasource } from "./metadata/datasource.ts";
import {
  createField,
  deleteField,
  fieldParameters,
  listFields,
  orderFields,
  showField,
  updateField,
} from "./metadata/fields.ts";
import { acknowledge, receiveMessages } from "./notifications/messages.ts";
import { search, searchFolders, searchParameters } from "./search/search.ts";
import type { Asset } from "./store/state.ts";
import { addOnParameters } from "./upload-api/add-ons.ts";
import { archiveParameters, generateArchive } from "./upload-api/archive.ts";
import { contextCommand, metadataCommand, tagsCommand } from "./upload-api/bulk.ts";
import { deleteByToken } from "./upload-api/delete-token.ts";
import { destroy, destroyByAssetId } from "./upload-api/destroy.ts";
import { explicit, explicitParameters } from "./upload-api/explicit.ts";
import { explode } from "./upload-api/explode.ts";
import { labelParameters } from "./upload-api/labels.ts";
import { multi } from "./upload-api/multi.ts";
import { rename } from "./upload-api/rename.ts";
import { createSlideshow } from "./upload-api/slideshow.ts";
import { sprite } from "./upload-api/sprite.ts";
import { uploadParameters } from "./upload-api/upload.ts";
import { uploadCall } from "./upload-api/upload-call.ts";

const ofUpload = [...uploadParameters, "upload_preset"];
const ofPreset = [...uploadParameters, ...presetParameters];
const ofUpdate = [...labelParameters, ...addOnParameters, "moderation_status", "notification_url"];
const ofDetails = [...analysisParameters, ...detailParameters];
const ofPage = ["max_results", "next_cursor"];
const told = ["notification_url"];

const byAssetId = (call: MadeCall): Asset =>
  must(call.cloud.store.byAssetId(call.path("asset_id")), call.path("asset_id"));

const byName = (call: MadeCall): Asset =>
  named(call.cloud, {
    resourceType: call.resourceType(),
    type: call.path("type"),
    publicId: call.path("public_id"),
  });

const upload = (action: string, takes: readonly string[], answer: Call["answer"]): Call => ({
  route: `POST /${action}`,
  authorization: "upload",
  takes,
  answer,
});

const link = (action: string, takes: readonly string[], answer: Call["answer"]): Call => ({
  route: `GET /${action}`,
  authorization: "link",
  takes,
  answer,
});

const admin = (route: string, takes: readonly string[], answer: Call["answer"]): Call => ({
  route,
  authorization: "admin",
  takes,
  answer,
});

const messages = (route: string, takes: readonly string[], answer: Call["answer"]): Call => ({
  route,
  authorization: "messages",
  takes,
  answer,
});

/**
 * Every emulated call, with every parameter that has an effect. Anything not listed is rejected as not emulated. The
 * first matching route is used.
 */
export const calls: readonly Call[] = [
  // Upload API
  {
    route: "POST /{resource_type}/upload",
    authorization: "unsigned",
    takes: ofUpload,
    answer: (call) => uploadCall(call, call.path("resource_type")),
  },
  {
    route: "POST /upload",
    authorization: "unsigned",
    takes: ofUpload,
    answer: (call) => uploadCall(call, "auto"),
  },
  {
    route: "POST /{resource_type}/upload_chunked",
    authorization: "unsigned",
    takes: ofUpload,
    answer: (call) => uploadCall(call, call.path("resource_type")),
  },
  {
    route: "POST /delete_by_token",
    authorization: "unsigned",
    takes: ["token"],
    answer: ({ cloud, params }) => deleteByToken(cloud, params),
  },
  {
    route: "POST /{resource_type}/delete_by_token",
    authorization: "unsigned",
    takes: ["token"],
    answer: ({ cloud, params }) => deleteByToken(cloud, params),
  },
  upload("asset/destroy", ["asset_id", ...told], ({ cloud, params }) => destroyByAssetId(cloud, params)),
  upload("{resource_type}/destroy", ["public_id", "type", ...told], ({ cloud, params, resourceType }) =>
    destroy(cloud, resourceType(), params),
  ),
  upload("{resource_type}/explicit", explicitParameters, ({ cloud, params, resourceType }) =>
    explicit(cloud, resourceType(), params),
  ),
  upload(
    "{resource_type}/rename",
    [
      "from_public_id",
      "to_public_id",
      "type",
      "to_type",
      "overwrite",
      "context",
      "metadata",
      "tags",
      ...told,
    ],
    ({ cloud, params, resourceType }) => rename(cloud, resourceType(), params),
  ),
  upload(
    "{resource_type}/tags",
    ["command", "tag", "public_ids", "type", ...told],
    ({ cloud, params, resourceType }) => tagsCommand(cloud, resourceType(), params),
  ),
  upload(
    "{resource_type}/context",
    ["command", "context", "public_ids", "type", ...told],
    ({ cloud, params, resourceType }) => contextCommand(cloud, resourceType(), params),
  ),
  upload(
    "{resource_type}/metadata",
    ["metadata", "public_ids", "type", ...told],
    ({ cloud, params, resourceType }) => metadataCommand(cloud, resourceType(), params),
  ),
  upload("image/sprite", ["tag", "urls", "transformation", "format", "async", ...told], ({ cloud, params }) =>
    sprite(cloud, params),
  ),
  upload("image/multi", ["tag", "urls", "transformation", "format", "async", ...told], ({ cloud, params }) =>
    multi(cloud, params),
  ),
  upload("image/explode", ["public_id", "type", "transformation", "format", ...told], ({ cloud, params }) =>
    explode(cloud, params),
  ),
  upload(
    "video/create_slideshow",
    ["manifest_json", "public_id", "tags", "overwrite", "context", "metadata", ...told],
    ({ cloud, params }) => createSlideshow(cloud, params),
  ),
  upload("{resource_type}/generate_archive", archiveParameters, (call) =>
    generateArchive(call.cloud, call.path("resource_type"), call),
  ),
  link("{resource_type}/generate_archive", archiveParameters, (call) =>
    generateArchive(call.cloud, call.path("resource_type"), call),
  ),
  link("asset/download", downloadParameters, (call) => downloadByAssetId(call.cloud, call)),
  link("download_backup", downloadParameters, (call) => downloadBackup(call.cloud, call)),
  link("{resource_type}/download", downloadParameters, (call) =>
    download(call.cloud, call.resourceType(), call),
  ),

  // Admin API: the account
  admin("GET /ping", [], () => ({ status: "ok" })),
  admin("GET /config", ["settings"], ({ cloud, params }) => config(cloud, params)),
  admin("GET /usage", ["date"], ({ cloud, params }) => usage(cloud, params)),
  admin("GET /usage/{date}", ["date"], ({ cloud, params }) => usage(cloud, params)),

  // Admin API: assets
  admin("GET /resources", [], () => ({ resource_types: ["image", "video", "raw"] })),
  admin("DELETE /resources", ["asset_ids", "keep_original", ...told], ({ cloud, params }) =>
    deleteByAssetIds(cloud, params),
  ),
  admin("POST /resources/search", searchParameters, ({ cloud, params }) => search(cloud, params)),
  admin("GET /resources/by_asset_ids", ["asset_ids", ...listParameters], ({ cloud, params }) =>
    listByAssetIds(cloud, params),
  ),
  admin("GET /resources/by_asset_folder", ["asset_folder", ...listParameters], ({ cloud, params }) =>
    listByFolder(cloud, params),
  ),
  admin("POST /resources/restore", ["asset_ids", "versions", ...told], ({ cloud, params }) =>
    restoreByAssetIds(cloud, params),
  ),
  admin("DELETE /resources/backup/{asset_id}", ["version_ids"], (call) =>
    deleteVersions(call.cloud, call.path("asset_id"), call.params),
  ),
  admin("POST /resources/related_assets/{asset_id}", ["assets_to_relate"], (call) =>
    relate(call.cloud, byAssetId(call), call.params),
  ),
  admin("DELETE /resources/related_assets/{asset_id}", ["assets_to_unrelate"], (call) =>
    unrelate(call.cloud, byAssetId(call), call.params),
  ),
  admin("POST /resources/related_assets/{resource_type}/{type}/{public_id}", ["assets_to_relate"], (call) =>
    relate(call.cloud, byName(call), call.params),
  ),
  admin(
    "DELETE /resources/related_assets/{resource_type}/{type}/{public_id}",
    ["assets_to_unrelate"],
    (call) => unrelate(call.cloud, byName(call), call.params),
  ),
  admin("GET /resources/{asset_id}", ofDetails, (call) => show(call.cloud, byAssetId(call), call.params)),
  admin("PUT /resources/{asset_id}", ofUpdate, (call) => update(call.cloud, byAssetId(call), call.params)),
  admin(
    "GET /resources/{resource_type}/moderations/{kind}/{status}",
    listParameters,
    ({ cloud, params, path, resourceType }) =>
      listByModeration(
        cloud,
        { resourceType: resourceType(), kind: path("kind"), status: path("status") },
        params,
      ),
  ),
  admin("GET /resources/{resource_type}/tags/{tag}", listParameters, (call) =>
    listByTag(call.cloud, { resourceType: call.resourceType(), tag: call.path("tag") }, call.params),
  ),
  admin(
    "DELETE /resources/{resource_type}/tags/{tag}",
    ["keep_original", "transformations", "next_cursor", ...told],
    (call) =>
      deleteByTag(call.cloud, { resourceType: call.resourceType(), tag: call.path("tag") }, call.params),
  ),
  admin(
    "GET /resources/{resource_type}/context",
    ["key", "value", ...listParameters],
    ({ cloud, params, resourceType }) => listByContext(cloud, resourceType(), params),
  ),
  admin(
    "POST /resources/{resource_type}/publish_resources",
    [...selectionParameters, "overwrite", ...told],
    ({ cloud, params, resourceType }) => publish(cloud, resourceType(), params),
  ),
  admin(
    "POST /resources/{resource_type}/{type}/update_access_mode",
    [...selectionParameters, "access_mode"],
    (call) =>
      updateAccessMode(
        call.cloud,
        { resourceType: call.resourceType(), type: call.path("type") },
        call.params,
      ),
  ),
  admin("POST /resources/{resource_type}/{type}/restore", ["public_ids", "versions", ...told], (call) =>
    restore(call.cloud, { resourceType: call.resourceType(), type: call.path("type") }, call.params),
  ),
  admin(
    "GET /resources/{resource_type}",
    ["public_ids", "prefix", "type", ...listParameters],
    ({ cloud, params, resourceType }) =>
      list(cloud, { resourceType: resourceType(), type: undefined }, params),
  ),
  admin("GET /resources/{resource_type}/{type}", ["public_ids", "prefix", ...listParameters], (call) =>
    list(call.cloud, { resourceType: call.resourceType(), type: call.path("type") }, call.params),
  ),
  admin("DELETE /resources/{resource_type}/{type}", deletionParameters, (call) =>
    deleteMany(call.cloud, { resourceType: call.resourceType(), type: call.path("type") }, call.params),
  ),
  admin("GET /resources/{resource_type}/{type}/{public_id}", ofDetails, (call) =>
    show(call.cloud, byName(call), call.params),
  ),
  admin("POST /resources/{resource_type}/{type}/{public_id}", ofUpdate, (call) =>
    update(call.cloud, byName(call), call.params),
  ),
  admin("DELETE /derived_resources", ["derived_resource_ids"], ({ cloud, params }) =>
    deleteDerived(cloud, params),
  ),
  admin("GET /tags/{resource_type}", ["prefix", ...ofPage], ({ cloud, params, resourceType }) =>
    listTags(cloud, resourceType(), params),
  ),

  // Admin API: folders
  admin("GET /folders", ofPage, ({ cloud, params }) => listFolders(cloud, "", params)),
  admin("POST /folders/search", ["expression", ...ofPage], ({ cloud, params }) =>
    searchFolders(cloud, params),
  ),
  admin("GET /folders/search", ["expression", ...ofPage], ({ cloud, params }) =>
    searchFolders(cloud, params),
  ),
  admin("GET /folders/{folder}", ofPage, ({ cloud, params, path }) =>
    listFolders(cloud, path("folder"), params),
  ),
  admin("POST /folders/{folder}", [], ({ cloud, path }) => createFolder(cloud, path("folder"))),
  admin("PUT /folders/{folder}", ["to_folder"], ({ cloud, params, path }) =>
    renameFolder(cloud, path("folder"), params),
  ),
  admin("DELETE /folders/{folder}", [], ({ cloud, path }) => deleteFolder(cloud, path("folder"))),

  // Admin API: upload presets
  admin("GET /upload_presets", ofPage, ({ cloud, params }) => listPresets(cloud, params)),
  admin("POST /upload_presets", ofPreset, ({ cloud, params }) => createPreset(cloud, params)),
  admin("GET /upload_presets/{name}", ofPage, ({ cloud, path }) => showPreset(cloud, path("name"))),
  admin("PUT /upload_presets/{name}", ofPreset, ({ cloud, params, path }) =>
    updatePreset(cloud, path("name"), params),
  ),
  admin("DELETE /upload_presets/{name}", [], ({ cloud, path }) => deletePreset(cloud, path("name"))),

  // Admin API: structured metadata
  admin("GET /metadata_fields", [], ({ cloud }) => listFields(cloud)),
  admin("POST /metadata_fields", fieldParameters, ({ cloud, params }) => createField(cloud, params)),
  admin("PUT /metadata_fields/order", ["order_by", "direction"], ({ cloud, params }) =>
    orderFields(cloud, params),
  ),
  admin("PUT /metadata_fields/{id}/datasource", ["values"], ({ cloud, params, path }) =>
    updateDatasource(cloud, path("id"), params),
  ),
  admin("DELETE /metadata_fields/{id}/datasource", ["external_ids"], ({ cloud, params, path }) =>
    deleteEntries(cloud, path("id"), params),
  ),
  admin("POST /metadata_fields/{id}/datasource_restore", ["external_ids"], ({ cloud, params, path }) =>
    restoreEntries(cloud, path("id"), params),
  ),
  admin("POST /metadata_fields/{id}/datasource/order", ["order_by", "direction"], ({ cloud, params, path }) =>
    orderDatasource(cloud, path("id"), params),
  ),
  admin("PUT /metadata_fields/{id}/datasource/order", ["order_by", "direction"], ({ cloud, params, path }) =>
    orderDatasource(cloud, path("id"), params),
  ),
  admin("GET /metadata_fields/{id}", [], ({ cloud, path }) => showField(cloud, path("id"))),
  admin("PUT /metadata_fields/{id}", fieldParameters, ({ cloud, params, path }) =>
    updateField(cloud, path("id"), params),
  ),
  admin("DELETE /metadata_fields/{id}", [], ({ cloud, path }) => deleteField(cloud, path("id"))),

  // Triggers, and messages for polling
  admin("GET /triggers", ["event_type"], ({ cloud, params }) => listTriggers(cloud, params)),
  {
    ...admin("POST /triggers", triggerParameters, ({ cloud, params }) => createTrigger(cloud, params)),
    status: 201,
  },
  admin("POST /triggers/{id}/test", ["sample_data"], ({ cloud, params, path }) =>
    testTrigger(cloud, path("id"), params),
  ),
  admin("PUT /triggers/{id}", ["new_uri"], ({ cloud, params, path }) =>
    updateTrigger(cloud, path("id"), params),
  ),
  admin("DELETE /triggers/{id}", [], ({ cloud, path }) => deleteTrigger(cloud, path("id"))),
  messages(
    "GET /v2/notifications/messages",
    ["channel", "batch_id", "max_messages", "wait_seconds", "visibility_timeout"],
    ({ cloud, params, request }) => receiveMessages(cloud, params, request.signal),
  ),
  messages("POST /v2/notifications/messages/ack", ["receipt_handles"], ({ cloud, params }) =>
    acknowledge(cloud, params),
  ),
];
