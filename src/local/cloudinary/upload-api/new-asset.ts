import { randomBytes } from "node:crypto";
import { ApiError } from "../api-error.ts";
import { apply } from "../media/apply.ts";
import { decode, encode } from "../media/picture.ts";
import { type Facts, probe } from "../media/probe.ts";
import { parseTransformation } from "../media/transformation.ts";
import { type Params, pairsOf, tagsOf } from "../params.ts";
import { type Cloud, instant, seconds } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { etagOf, type Name, newId } from "../store/store.ts";
import { metadataValues, parseAccessControl } from "./labels.ts";
import { parseModeration } from "./moderation.ts";
import type { Source } from "./source.ts";

/** An incoming `transformation` or `format` changes the picture before it is kept. */
export async function incoming(source: Source, params: Params): Promise<Source> {
  const transformation = params.text("transformation") ?? "";
  const format = params.text("format");
  if (transformation === "" && format === undefined) return source;
  const picture = await decode(source.bytes);
  if (picture === null) return source;
  const facts = await probe(source.bytes, source.fileName);
  const changed = await apply(picture, parseTransformation(transformation), () => {
    throw new ApiError(400, "The local Cloudinary draws no overlay on incoming pictures");
  });
  return { bytes: await encode(changed, format ?? facts.format), fileName: source.fileName };
}

/** The name given, or the file's, or a random one; in the folder, where one is named. */
export function publicIdOf(params: Params, source: Source, facts: Facts): string {
  const folder = params.text("folder") ?? params.text("public_id_prefix");
  const id = params.text("public_id") ?? inventedId(params, source, facts);
  const whole = folder === undefined ? id : `${folder}/${id}`;
  if (/[?&#\\%<>+]|^[\s/]|[\s/]$/.test(whole) || whole.length > 255) {
    throw new ApiError(400, `public_id (${whole}) is invalid`);
  }
  return whole;
}

function inventedId(params: Params, source: Source, facts: Facts): string {
  const extension = facts.resource_type === "raw" && facts.format !== "" ? `.${facts.format}` : "";
  const random = randomBytes(30).toString("base64url").toLowerCase().replace(/[-_]/g, "").slice(0, 20);
  if (params.flag("use_filename") !== true) return random + extension;
  const stem = stemOf(params.text("filename_override") ?? source.fileName).replace(/[^\w.-]+/g, "_");
  return (params.flag("unique_filename") === false ? stem : `${stem}_${random.slice(0, 6)}`) + extension;
}

const stemOf = (fileName: string): string => fileName.replace(/\.[A-Za-z0-9]+$/, "");

/** Keeps the file under its name; what had that name before gives way, its asset id stays. */
export async function keepUploaded(
  cloud: Cloud,
  uploaded: { source: Source; facts: Facts; params: Params; name: Name },
): Promise<{ asset: Asset; overwritten: boolean }> {
  const { source, facts, params, name } = uploaded;
  const labels = labelsOf(params, facts);
  const file = await cloud.store.keep(source.bytes, facts.format);
  const previous = cloud.store.find(name);
  const asset: Asset = {
    asset_id: previous?.asset_id ?? newId(),
    serial: previous?.serial ?? cloud.store.nextSerial(),
    ...name,
    // Never the same second twice, so that a replaced picture has an address of its own.
    version: Math.max(seconds(cloud), (previous?.version ?? 0) + 1),
    version_id: newId(),
    ...facts,
    bytes: source.bytes.length,
    etag: etagOf(source.bytes),
    created_at: previous?.created_at ?? instant(cloud),
    uploaded_at: instant(cloud),
    original_filename: stemOf(params.text("filename_override") ?? source.fileName),
    asset_folder: params.text("asset_folder") ?? previous?.asset_folder ?? "",
    display_name:
      params.text("display_name") ?? previous?.display_name ?? name.public_id.split("/").at(-1) ?? "",
    ...labels,
    metadata: labels.metadata ?? previous?.metadata ?? {},
    derived: [],
    file,
  };
  cloud.store.state.assets.push(asset);
  if (previous !== undefined) await cloud.store.remove(previous);
  return { asset, overwritten: previous !== undefined };
}

/** Read, and refused if wrong, before anything is written. */
function labelsOf(params: Params, facts: Facts) {
  const context = params.text("context");
  const metadata = params.text("metadata");
  const moderation = params.text("moderation");
  return {
    tags: tagsOf(params),
    context: context === undefined ? {} : pairsOf(context),
    metadata: metadata === undefined ? undefined : metadataValues(pairsOf(metadata)),
    access_control: parseAccessControl(params),
    moderation: moderation === undefined ? [] : parseModeration(moderation, facts.resource_type),
    moderation_notification_url: params.text("notification_url") ?? null,
  };
}
