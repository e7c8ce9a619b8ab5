import { uploadAnswer } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import { requireUploadType } from "../delivery/delivery-types.ts";
import type { JsonObject } from "../json.ts";
import { analysis, analysisParameters } from "../media/analysis.ts";
import { type Facts, probe } from "../media/probe.ts";
import { type Actor, type NotificationEvent, notify } from "../notifications/notify.ts";
import { type Params, paramsOf } from "../params.ts";
import { resourceTypeOf } from "../resource-type.ts";
import { type Cloud, offsetInstant } from "../store/cloud.ts";
import type { Asset, JobOf } from "../store/state.ts";
import { newId } from "../store/store.ts";
import { addOnParameters, checkAddOns } from "./add-ons.ts";
import { removeBackground } from "./background-removal.ts";
import { deleteToken } from "./delete-token.ts";
import { eager, newBatchId } from "./eager.ts";
import { labelParameters } from "./labels.ts";
import { startModeration } from "./moderation.ts";
import { checkFormat, incoming, keepUploaded, publicIdOf } from "./new-asset.ts";
import { readSource, type Source } from "./source.ts";

/** Parameters of an upload, which a preset may also set. */
export const uploadParameters: readonly string[] = [
  ...labelParameters,
  ...addOnParameters,
  ...analysisParameters,
  "public_id",
  "public_id_prefix",
  "type",
  "folder",
  "use_asset_folder_as_public_id_prefix",
  "use_filename",
  "use_filename_as_display_name",
  "unique_filename",
  "filename_override",
  "discard_original_filename",
  "overwrite",
  "allowed_formats",
  "format",
  "transformation",
  "eager",
  "eager_async",
  "eager_notification_url",
  "notification_url",
  "moderation",
  "access_mode",
  "backup",
  "async",
  "batch_id",
  "return_delete_token",
];

export interface UploadCall {
  resourceType: string;
  unsigned: boolean;
  actor?: Actor;
}

/** Stores a file, now or, with `async`, later. */
export async function upload(cloud: Cloud, params: Params, call: UploadCall): Promise<JsonObject> {
  checkAddOns(params, "upload");
  if (params.flag("async") !== true)
    return take(cloud, await readSource(cloud, params, call), { params, call });
  return planned(cloud, params, call);
}

/** The bytes are stored for the asynchronous job; failures send an `error` notification. */
async function planned(cloud: Cloud, params: Params, call: UploadCall): Promise<JsonObject> {
  const sent = params.file;
  const file = sent === null ? null : await cloud.store.keep(await sent.bytes(), "");
  const batch_id = params.text("batch_id") ?? newBatchId();
  cloud.jobs.schedule(
    {
      kind: "upload",
      fields: [...params.fields].map(([name, value]) => [
        name,
        typeof value === "string" ? value : [...value],
      ]),
      file,
      file_name: sent?.name ?? "",
      resource_type: call.resourceType,
      unsigned: call.unsigned,
      batch_id,
    },
    cloud.delayMs,
  );
  const public_id = params.text("public_id");
  return {
    status: "pending",
    resource_type: call.resourceType === "auto" ? "image" : call.resourceType,
    type: params.text("type") ?? "upload",
    ...(public_id === undefined ? {} : { public_id }),
    batch_id,
  };
}

/** The asynchronous part. */
export async function runUpload(cloud: Cloud, job: JobOf<"upload">): Promise<void> {
  const fields = new Map(job.fields);
  const bytes = job.file === null ? null : await cloud.store.read(job.file);
  const file = bytes === null ? null : new File([new Uint8Array(bytes)], job.file_name);
  const params = paramsOf(fields, file);
  const call = { resourceType: job.resource_type, unsigned: job.unsigned, batchId: job.batch_id };
  try {
    await take(cloud, await readSource(cloud, params, call), { params, call });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { message } = error;
    const public_id = params.text("public_id");
    notify(cloud, {
      type: "error",
      body: {
        timestamp: offsetInstant(cloud),
        request_id: newId(),
        batch_id: job.batch_id,
        ...(public_id === undefined ? {} : { public_id }),
        resource_type: job.resource_type,
        type: params.text("type") ?? "upload",
        error: { message },
      },
      notificationUrl: params.text("notification_url") ?? null,
      batchId: job.batch_id,
    });
  } finally {
    if (job.file !== null) await cloud.store.drop(job.file);
  }
}

/** With `overwrite: false`, an existing asset is not an error: the answer has `existing`. */
async function take(
  cloud: Cloud,
  read: Source,
  made: { params: Params; call: UploadCall & { batchId?: string } },
): Promise<JsonObject> {
  const { params, call } = made;
  const type = params.text("type") ?? "upload";
  requireUploadType(type);
  const source = await incoming(read, params);
  const facts = factsFor(call.resourceType, await probe(source.bytes, source.fileName));
  checkFormat(params, facts);
  const name = {
    resource_type: facts.resource_type,
    type,
    public_id: publicIdOf(params, source, facts),
  };
  const mayOverwrite = !call.unsigned && params.flag("overwrite") !== false;
  // Serialized by name, so that the second of two uploads finds the result of the first.
  const { asset, overwritten, isKept } = await cloud.store.withName(name, async () => {
    const there = cloud.store.find(name);
    const isInTheWay = there !== undefined && !there.placeholder && !mayOverwrite;
    if (isInTheWay) return { asset: there, overwritten: false, isKept: false };
    return { ...(await keepUploaded(cloud, { source, facts, params, name })), isKept: true };
  });
  if (!isKept) {
    const answer = { ...uploadAnswer(cloud, asset), existing: true, api_key: cloud.apiKey };
    tell(cloud, { answer, params, call });
    return answer;
  }
  const variants = await eager(cloud, asset, params);
  const answer = {
    ...uploadAnswer(cloud, asset),
    ...infoAnswer(params),
    ...(await analysis(cloud, asset, params)),
    ...variants,
    api_key: cloud.apiKey,
  };
  tell(cloud, { answer, params, call });
  startAddOns(cloud, asset, params);
  return { ...answer, ...(overwritten ? { overwritten } : {}), ...deleteToken(cloud, asset, params) };
}

interface Told {
  answer: JsonObject;
  params: Params;
  call: UploadCall & { batchId?: string };
}

function tell(cloud: Cloud, { answer, params, call }: Told): void {
  // Only answers are signed; pending variants send a notification of their own.
  const { eager: variants, signature: _, ...rest } = answer;
  const isMade = variants !== undefined && params.flag("eager_async") !== true;
  const event: NotificationEvent = {
    type: "upload",
    body: {
      timestamp: offsetInstant(cloud),
      request_id: newId(),
      ...rest,
      ...(isMade ? { eager: variants } : {}),
      ...(call.batchId === undefined ? {} : { batch_id: call.batchId }),
    },
    notificationUrl: params.text("notification_url") ?? null,
    batchId: call.batchId ?? params.text("batch_id"),
    ...(call.actor === undefined ? {} : { actor: call.actor }),
  };
  notify(cloud, event);
}

function startAddOns(cloud: Cloud, asset: Asset, params: Params): void {
  startModeration(cloud, asset);
  const addOn = params.text("background_removal");
  const notificationUrl = params.text("notification_url") ?? null;
  if (addOn !== undefined) removeBackground(cloud, asset, { addOn, notificationUrl });
}

function infoAnswer(params: Params): JsonObject {
  const addOn = params.text("background_removal");
  return addOn === undefined ? {} : { info: { background_removal: { [addOn]: { status: "pending" } } } };
}

function factsFor(asked: string, facts: Facts): Facts {
  if (asked === "raw") return { resource_type: "raw", format: facts.format };
  if (asked === "auto" || resourceTypeOf(asked) === facts.resource_type) return facts;
  throw new ApiError(400, asked === "image" ? "Invalid image file" : "Unsupported video format or file");
}
