import { randomBytes } from "node:crypto";
import { touched } from "../answers.ts";
import { ApiError, notEmulated } from "../api-error.ts";
import { basename, trimmed } from "../folders.ts";
import type { Json } from "../json.ts";
import { apply } from "../media/apply.ts";
import { decode, encode } from "../media/picture.ts";
import { type Facts, probe } from "../media/probe.ts";
import { parseTransformation } from "../media/transformation.ts";
import { defaultValues, requireMandatory, typedValues } from "../metadata/values.ts";
import { type Params, pairsOf, tagsOf } from "../params.ts";
import { type Cloud, instant, seconds } from "../store/cloud.ts";
import type { Asset, Name } from "../store/state.ts";
import { etagOf, newId } from "../store/store.ts";
import { withVersion } from "./backup.ts";
import { coordinatesOf } from "./coordinates.ts";
import { createFolderFor } from "./folder-of-upload.ts";
import { parseAccessControl } from "./labels.ts";
import { parseModeration } from "./moderation.ts";
import type { Source } from "./source.ts";
import { uniqueName } from "./unique-name.ts";

/** An incoming `transformation` or `format` is applied before the picture is stored. */
export async function incoming(source: Source, params: Params): Promise<Source> {
  const transformation = params.text("transformation") ?? "";
  const format = params.text("format");
  if (transformation === "" && format === undefined) return source;
  const picture = await decode(source.bytes);
  if (picture === null) return source;
  const facts = await probe(source.bytes, source.fileName);
  const changed = await apply(picture, parseTransformation(transformation), () => {
    throw notEmulated("overlays in an incoming transformation");
  });
  return { ...source, bytes: await encode(changed, format ?? facts.format) };
}

/** Throws unless the stored file has one of the `allowed_formats`. */
export function checkFormat(params: Params, facts: Facts): void {
  const allowed = params.list("allowed_formats").flatMap((list) => list.split(","));
  if (allowed.length === 0 || allowed.includes(facts.format)) return;
  const what = facts.resource_type === "raw" ? "Raw" : facts.resource_type === "video" ? "Video" : "Image";
  throw new ApiError(400, `${what} file format ${facts.format} not allowed`);
}

/** The given name, the file name, or a random name; prefixed with the folder if one is given. */
export function publicIdOf(params: Params, source: Source, facts: Facts): string {
  const assetFolder = params.text("asset_folder");
  const isPrefix = params.flag("use_asset_folder_as_public_id_prefix") === true;
  const prefix =
    params.text("folder") ?? params.text("public_id_prefix") ?? (isPrefix ? assetFolder : undefined);
  const id = params.text("public_id") ?? inventedId(params, source, facts);
  return checkedPublicId(prefix === undefined ? id : `${trimmed(prefix)}/${id}`);
}

/** Throws for an invalid public id. */
export function checkedPublicId(id: string): string {
  if (/[?&#\\%<>+\p{Cc}]|^[\s/]|[\s/]$/u.test(id) || id.length > 255) {
    throw new ApiError(400, `public_id (${id}) is invalid`);
  }
  return id;
}

function inventedId(params: Params, source: Source, facts: Facts): string {
  const extension = facts.resource_type === "raw" && facts.format !== "" ? `.${facts.format}` : "";
  const random = randomBytes(30).toString("base64url").toLowerCase().replace(/[-_]/g, "").slice(0, 20);
  if (params.flag("use_filename") !== true) return random + extension;
  const stem = fileNameOf(params, source).replace(/[^\p{L}\p{N}\p{M}_.-]+/gu, "_");
  return (params.flag("unique_filename") === false ? stem : `${stem}_${random.slice(0, 6)}`) + extension;
}

/** Without folders and extension; a data URI has no file name. */
const fileNameOf = (params: Params, source: Source): string =>
  basename((params.text("filename_override") ?? source.fileName).replaceAll("\\", "/")).replace(
    /\.[A-Za-z0-9]+$/,
    "",
  );

/** Stores the file under its name and replaces an existing asset, which keeps its asset id. */
export async function keepUploaded(
  cloud: Cloud,
  uploaded: { source: Source; facts: Facts; params: Params; name: Name },
): Promise<{ asset: Asset; overwritten: boolean }> {
  const { source, facts, params, name } = uploaded;
  const previous = cloud.store.find(name);
  const labels = labelsOf(cloud, { params, facts, previous });
  const file = await cloud.store.keep(source.bytes, facts.format);
  const asset: Asset = {
    asset_id: previous?.asset_id ?? newId(),
    serial: previous?.serial ?? cloud.store.nextSerial(),
    ...name,
    // Strictly increasing, so that a replaced picture gets a new URL.
    version: Math.max(seconds(cloud), (previous?.version ?? 0) + 1),
    version_id: newId(),
    ...facts,
    bytes: source.bytes.length,
    etag: etagOf(source.bytes),
    created_at: previous?.created_at ?? instant(cloud),
    uploaded_at: instant(cloud),
    original_filename: params.flag("discard_original_filename") === true ? "" : fileNameOf(params, source),
    ...placeOf(cloud, { params, source, name, previous }),
    ...labels,
    access_mode: accessModeOf(params),
    placeholder: false,
    ...coordinatesOf(params, facts),
    related: previous?.related ?? [],
    versions: previous?.versions ?? [],
    derived: [],
    file,
  };
  if (params.flag("backup") ?? cloud.backup) asset.versions = withVersion(cloud, asset);
  touched(cloud, asset);
  createFolderFor(cloud, asset);
  // Looked up again, because another upload of the same name may have finished.
  const replaced = cloud.store.find(name);
  cloud.store.state.assets.push(asset);
  if (replaced !== undefined)
    await cloud.store.remove(replaced, new Set(asset.versions.map((version) => version.file)));
  return { asset, overwritten: previous !== undefined };
}

/** Folder and display name. With fixed folders the path in the public id is the only folder. */
function placeOf(
  cloud: Cloud,
  of: { params: Params; source: Source; name: Name; previous: Asset | undefined },
): Pick<Asset, "asset_folder" | "display_name"> {
  const { params, source, name, previous } = of;
  if (cloud.folderMode === "fixed") return { asset_folder: "", display_name: basename(name.public_id) };
  const given = params.text("asset_folder") ?? params.text("folder");
  const asset_folder = given === undefined ? (previous?.asset_folder ?? "") : trimmed(given);
  const ofFile =
    params.flag("use_filename_as_display_name") === true ? fileNameOf(params, source) : undefined;
  const display_name =
    params.text("display_name") ?? ofFile ?? previous?.display_name ?? basename(name.public_id);
  if (params.flag("unique_display_name") !== true) return { asset_folder, display_name };
  return { asset_folder, display_name: uniqueName(cloud, { asset_folder, display_name }, previous) };
}

function accessModeOf(params: Params): Asset["access_mode"] {
  const mode = params.text("access_mode") ?? "public";
  if (mode !== "public" && mode !== "authenticated") throw new ApiError(400, `Invalid access_mode ${mode}`);
  return mode;
}

/** Parsed and validated before anything is written. */
function labelsOf(
  cloud: Cloud,
  of: { params: Params; facts: Facts; previous: Asset | undefined },
): Pick<
  Asset,
  "tags" | "context" | "metadata" | "access_control" | "moderation" | "moderation_notification_url"
> {
  const { params, facts, previous } = of;
  const context = params.text("context");
  const given = params.text("metadata");
  const moderation = params.text("moderation");
  const before: Record<string, Json> = previous?.metadata ?? defaultValues(cloud);
  const metadata = { ...before, ...(given === undefined ? {} : typedValues(cloud, pairsOf(given))) };
  requireMandatory(cloud, metadata);
  return {
    tags: tagsOf(params),
    context: context === undefined ? {} : pairsOf(context),
    metadata: Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== "")),
    access_control: parseAccessControl(params),
    moderation: moderation === undefined ? [] : parseModeration(moderation, facts.resource_type),
    moderation_notification_url: params.text("notification_url") ?? null,
  };
}
