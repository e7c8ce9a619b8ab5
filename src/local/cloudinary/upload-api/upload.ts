import { type JsonObject, uploadAnswer } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import { type Facts, probe } from "../media/probe.ts";
import { type Actor, type Event, notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import { type Cloud, offsetInstant } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { newId } from "../store/store.ts";
import { removeBackground } from "./background-removal.ts";
import { eager, newBatchId } from "./eager.ts";
import { startModeration } from "./moderation.ts";
import { incoming, keepUploaded, publicIdOf } from "./new-asset.ts";
import { readSource } from "./source.ts";

/** Takes a file in. What `overwrite: false` finds in its place is no error: the answer says `existing`. */
export async function upload(
  cloud: Cloud,
  params: Params,
  call: { resourceType: string; unsigned: boolean; actor?: Actor },
): Promise<JsonObject> {
  const source = await incoming(await readSource(cloud, params, call), params);
  const facts = factsFor(call.resourceType, await probe(source.bytes, source.fileName));
  const name = {
    resource_type: facts.resource_type,
    type: params.text("type") ?? "upload",
    public_id: publicIdOf(params, source, facts),
  };
  const mayOverwrite = !call.unsigned && params.flag("overwrite") !== false;
  const there = cloud.store.find(name);
  if (there !== undefined && !mayOverwrite) return existing(cloud, there, { params, actor: call.actor });
  const { asset, overwritten } = await keepUploaded(cloud, { source, facts, params, name });
  const made = await eager(cloud, asset, params);
  const answer = { ...uploadAnswer(cloud, asset), ...infoAnswer(params), ...made, api_key: cloud.apiKey };
  const isAsync = params.flag("async") === true;
  tell(cloud, { answer, params, isAsync, actor: call.actor });
  startAddOns(cloud, asset, params);
  if (!isAsync) return { ...answer, ...(overwritten ? { overwritten } : {}) };
  const { public_id, resource_type, type } = asset;
  return { status: "pending", public_id, resource_type, type, batch_id: newBatchId() };
}

/** Nothing changes, and yet it is told. */
function existing(cloud: Cloud, asset: Asset, call: Pick<Told, "params" | "actor">): JsonObject {
  const answer = { ...uploadAnswer(cloud, asset), existing: true, api_key: cloud.apiKey };
  tell(cloud, { answer, ...call, isAsync: false });
  return answer;
}

interface Told {
  answer: JsonObject;
  params: Params;
  isAsync: boolean;
  actor: Actor | undefined;
}

function tell(cloud: Cloud, told: Told): void {
  // What is still being made has a notification of its own.
  const { eager: variants, ...rest } = told.answer;
  const isMade = variants !== undefined && told.params.flag("eager_async") !== true;
  const event: Event = {
    type: "upload",
    body: {
      timestamp: offsetInstant(cloud),
      request_id: newId(),
      ...rest,
      ...(isMade ? { eager: variants } : {}),
    },
    notificationUrl: told.params.text("notification_url") ?? null,
    ...(told.actor === undefined ? {} : { actor: told.actor }),
  };
  if (!told.isAsync) {
    notify(cloud, event);
    return;
  }
  const { type, body, notificationUrl: notification_url } = event;
  cloud.jobs.schedule({ kind: "event", type, body, notification_url }, cloud.delayMs);
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
  if (asked === "raw") return { ...facts, resource_type: "raw" };
  if (asked === "auto" || asked === facts.resource_type) return facts;
  throw new ApiError(400, asked === "image" ? "Invalid image file" : "Unsupported video format or file");
}
