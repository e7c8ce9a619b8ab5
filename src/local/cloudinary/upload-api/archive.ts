import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { uploadAnswer } from "../answers.ts";
import { ApiError, notEmulated } from "../api-error.ts";
import { checkExpiry } from "../delivery/download.ts";
import { served } from "../delivery/served.ts";
import { formatOf, variant } from "../delivery/variants.ts";
import { basename } from "../folders.ts";
import type { JsonObject } from "../json.ts";
import { notify } from "../notifications/notify.ts";
import { type Params, paramsOf } from "../params.ts";
import { resourceTypeOf } from "../resource-type.ts";
import { type Cloud, offsetInstant } from "../store/cloud.ts";
import type { Asset, JobOf } from "../store/state.ts";
import { newId } from "../store/store.ts";
import { newBatchId } from "./eager.ts";
import { keepUploaded } from "./new-asset.ts";

export const archiveParameters: readonly string[] = [
  "public_ids",
  "fully_qualified_public_ids",
  "tags",
  "prefixes",
  "type",
  "transformations",
  "mode",
  "target_format",
  "target_public_id",
  "target_asset_folder",
  "target_filename",
  "target_tags",
  "flatten_folders",
  "skip_transformation_name",
  "allow_missing",
  "use_original_filename",
  "expires_at",
  "async",
  "notification_url",
];

/** `POST /:resource_type/generate_archive`: stores a raw asset, or with `mode: download` returns the archive. */
export async function generateArchive(
  cloud: Cloud,
  resourceType: string,
  of: { request: Request; params: Params },
): Promise<JsonObject | Response> {
  const { params } = of;
  if (params.text("mode") === "download") return downloaded(cloud, resourceType, of);
  if (params.text("mode") === "create_and_download")
    throw notEmulated("the archive mode create_and_download");
  if (params.flag("async") !== true) return created(cloud, resourceType, params);
  const batch_id = newBatchId();
  cloud.jobs.schedule(
    {
      kind: "archive",
      fields: [...params.fields].map(([name, value]) => [
        name,
        typeof value === "string" ? value : [...value],
      ]),
      resource_type: resourceType,
      batch_id,
    },
    cloud.delayMs,
  );
  return { status: "pending", batch_id };
}

/** The asynchronous part; failures send an `error` notification. */
export async function runArchive(cloud: Cloud, job: JobOf<"archive">): Promise<void> {
  const params = paramsOf(new Map(job.fields));
  try {
    await created(cloud, job.resource_type, params);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { message } = error;
    notify(cloud, {
      type: "error",
      body: {
        timestamp: offsetInstant(cloud),
        request_id: newId(),
        batch_id: job.batch_id,
        error: { message },
      },
      notificationUrl: params.text("notification_url") ?? null,
    });
  }
}

async function created(cloud: Cloud, resourceType: string, params: Params): Promise<JsonObject> {
  const format = formatOfArchive(params);
  const { bytes, assets, files } = await pack(cloud, resourceType, params);
  const public_id = `${params.text("target_public_id") ?? newId().slice(0, 20)}.${format}`;
  const tags = params.list("target_tags").join(",");
  const folder = params.text("target_asset_folder");
  const { asset } = await keepUploaded(cloud, {
    source: { bytes, fileName: basename(public_id) },
    facts: { resource_type: "raw", format },
    name: { resource_type: "raw", type: "upload", public_id },
    params: paramsOf(
      new Map(Object.entries({ tags, ...(folder === undefined ? {} : { asset_folder: folder }) })),
    ),
  });
  const answer: JsonObject = { ...uploadAnswer(cloud, asset), resource_count: assets, file_count: files };
  const { signature: _, ...body } = answer;
  notify(cloud, {
    type: "generate_archive",
    body: { timestamp: offsetInstant(cloud), request_id: newId(), ...body },
    notificationUrl: params.text("notification_url") ?? null,
  });
  return answer;
}

async function downloaded(
  cloud: Cloud,
  resourceType: string,
  { request, params }: { request: Request; params: Params },
): Promise<Response> {
  checkExpiry(cloud, params);
  const format = formatOfArchive(params);
  const { bytes } = await pack(cloud, resourceType, params);
  const name = params.text("target_filename") ?? params.text("target_public_id") ?? "archive";
  return served({ bytes, format }, request, {
    "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(basename(name))}.${format}`,
  });
}

function formatOfArchive(params: Params): "zip" | "tgz" {
  const format = params.text("target_format") ?? "zip";
  if (format !== "zip" && format !== "tgz") throw new ApiError(400, `Invalid target_format ${format}`);
  return format;
}

async function pack(
  cloud: Cloud,
  resourceType: string,
  params: Params,
): Promise<{ bytes: Buffer; assets: number; files: number }> {
  // Imported on first use, to keep the emulator's start fast.
  const { TarArchive, ZipArchive } = await import("archiver");
  const assets = chosen(cloud, resourceType, params);
  if (assets.length === 0) throw new ApiError(404, "No resources to archive");
  const archive = formatOfArchive(params) === "zip" ? new ZipArchive() : new TarArchive({ gzip: true });
  const parts: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      parts.push(chunk);
      done();
    },
  });
  archive.pipe(sink);
  const names = new Set<string>();
  for (const file of await filesOf(cloud, assets, params)) {
    const name = freeName(file.name, names);
    names.add(name);
    archive.append(await cloud.store.read(file.file), { name });
  }
  await Promise.all([archive.finalize(), finished(sink)]);
  return { bytes: Buffer.concat(parts), assets: assets.length, files: names.size };
}

function chosen(cloud: Cloud, resourceType: string, params: Params): Asset[] {
  const type = params.text("type") ?? "upload";
  const tags = params.list("tags").flatMap((list) => list.split(","));
  const prefixes = params.list("prefixes");
  const isOfType = resourceType === "all" || resourceType === "auto" ? null : resourceTypeOf(resourceType);
  const byName = params
    .list("public_ids")
    .map((public_id) => ({ public_id, type, kind: isOfType ?? "image" }));
  const qualified = params.list("fully_qualified_public_ids").map((name) => {
    const [kind = "", delivery = "", ...rest] = name.split("/");
    return { public_id: rest.join("/"), type: delivery, kind: resourceTypeOf(kind) };
  });
  const named = [...byName, ...qualified].flatMap(({ public_id, type: delivery, kind }) => {
    const asset = cloud.store.find({ resource_type: kind, type: delivery, public_id });
    if (asset === undefined && params.flag("allow_missing") !== true)
      throw new ApiError(404, `Resource not found - ${public_id}`);
    return asset ?? [];
  });
  const matching = cloud.store.state.assets.filter(
    (asset) =>
      (isOfType === null || asset.resource_type === isOfType) &&
      asset.type === type &&
      (tags.some((tag) => asset.tags.includes(tag)) ||
        prefixes.some((prefix) => asset.public_id.startsWith(prefix))),
  );
  return [...new Set([...named, ...matching])].filter((asset) => !asset.placeholder);
}

async function filesOf(
  cloud: Cloud,
  assets: readonly Asset[],
  params: Params,
): Promise<{ name: string; file: string }[]> {
  const transformations = params.list("transformations").flatMap((list) => list.split("|"));
  const files: { name: string; file: string }[] = [];
  for (const asset of assets) {
    const stem =
      params.flag("use_original_filename") === true && asset.original_filename !== ""
        ? asset.original_filename
        : params.flag("flatten_folders") === true
          ? basename(asset.public_id)
          : asset.public_id;
    const named = (format: string): string =>
      asset.resource_type === "raw" || format === "" ? stem : `${stem}.${format}`;
    if (transformations.length === 0) files.push({ name: named(asset.format), file: asset.file });
    for (const transformation of transformations) {
      const format = formatOf(asset, { transformation, format: undefined });
      const made = await variant(cloud, asset, { transformation, format });
      const isBare = params.flag("skip_transformation_name") === true;
      const suffix = isBare ? "" : `-${transformation.replace(/[^\w.-]+/g, "_")}`;
      files.push({ name: named(format).replace(/(\.\w+)?$/, (dot) => suffix + dot), file: made.file });
    }
  }
  return files;
}

/** A number makes duplicate file names unique. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const [, stem = name, extension = ""] = /^(.*?)(\.\w+)?$/.exec(name) ?? [];
  let number = 1;
  while (taken.has(`${stem} (${number})${extension}`)) number += 1;
  return `${stem} (${number})${extension}`;
}
