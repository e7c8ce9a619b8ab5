import { notificationTypes } from "../../../lib/notifications/types.ts";
import { ApiError, notFound } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import { checkedFilter, passes } from "../notifications/trigger-filter.ts";
import type { Params } from "../params.ts";
import { type Cloud, instant } from "../store/cloud.ts";
import { stateSchema, type Trigger } from "../store/state.ts";
import { newId } from "../store/store.ts";

export const triggerParameters = [
  "uri",
  "uri_type",
  "event_type",
  "additive",
  "auth_scheme",
  "filter",
  "filter_language",
];

const eventTypes: ReadonlySet<string> = new Set(notificationTypes);
const maxUrls = 30;
const { auth_scheme: scheme, uri_type: uriType } = stateSchema.shape.triggers.element.shape;

export function listTriggers(cloud: Cloud, params: Params): JsonObject {
  const type = params.text("event_type");
  const triggers = cloud.store.state.triggers.filter(
    (trigger) => type === undefined || trigger.event_type === type,
  );
  return { triggers: triggers.map((trigger) => answer(cloud, trigger)), total: triggers.length };
}

/** `POST /triggers`: one event type and one URI. Answers 409 if the pair exists. */
export function createTrigger(cloud: Cloud, params: Params): JsonObject {
  const uri_type = kindOf(params);
  const uri = uriOf(params.required("uri"), uri_type);
  const event_type = params.required("event_type");
  if (!eventTypes.has(event_type)) throw new ApiError(400, `Invalid event_type ${event_type}`);
  const same = cloud.store.state.triggers.filter((trigger) => trigger.event_type === event_type);
  requireFree(same, uri);
  if (same.length >= maxUrls) throw new ApiError(400, `Limit of ${maxUrls} notification URLs reached`);
  const trigger: Trigger = {
    id: newId(),
    uri_type,
    uri,
    event_type,
    additive: params.flag("additive") === true,
    auth_scheme: schemeOf(params.text("auth_scheme")),
    ...filterOf(params),
    created_at: instant(cloud),
    updated_at: instant(cloud),
  };
  cloud.store.state.triggers.push(trigger);
  return answer(cloud, trigger);
}

/** `PUT /triggers/:id`: changes the URI to another of the same kind. */
export function updateTrigger(cloud: Cloud, id: string, params: Params): JsonObject {
  const trigger = must(cloud, id);
  const uri = uriOf(params.required("new_uri"), trigger.uri_type);
  const others = cloud.store.state.triggers.filter((candidate) => candidate !== trigger);
  requireFree(
    others.filter((candidate) => candidate.event_type === trigger.event_type),
    uri,
  );
  trigger.uri = uri;
  trigger.updated_at = instant(cloud);
  return { message: "updated" };
}

export function deleteTrigger(cloud: Cloud, id: string): JsonObject {
  cloud.store.state.triggers.splice(cloud.store.state.triggers.indexOf(must(cloud, id)), 1);
  return { message: "deleted" };
}

/** `POST /triggers/:id/test`: evaluates the filter against a body from the caller. Sends nothing. */
export function testTrigger(cloud: Cloud, id: string, params: Params): JsonObject {
  const trigger = must(cloud, id);
  return {
    trigger_id: trigger.id,
    filter_present: trigger.filter !== undefined,
    filter_result: passes(trigger.filter, params.json("sample_data") ?? {}),
  };
}

function filterOf(params: Params): Pick<Trigger, "filter"> {
  const filter = params.text("filter");
  if (filter === undefined) return {};
  return { filter: checkedFilter(filter, params.text("filter_language") ?? "jsonlogic") };
}

function requireFree(same: readonly Trigger[], uri: string): void {
  if (same.some((trigger) => trigger.uri === uri)) throw new ApiError(409, "Trigger already exists");
}

function must(cloud: Cloud, id: string): Trigger {
  const trigger = cloud.store.state.triggers.find((candidate) => candidate.id === id);
  if (trigger === undefined) throw notFound(`trigger ${id}`);
  return trigger;
}

function kindOf(params: Params): Trigger["uri_type"] {
  const kind = uriType.safeParse(params.text("uri_type"));
  if (!kind.success) throw new ApiError(400, `Invalid uri_type ${params.text("uri_type")}`);
  return kind.data;
}

function uriOf(text: string, kind: Trigger["uri_type"]): string {
  const isWebhook = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  const fits = kind === "flow" || (kind === "poll" ? /^poll:\/\/[^\s]+$/.test(text) : isWebhook);
  if (!fits) throw new ApiError(400, `Invalid uri ${text} for a trigger of type ${kind}`);
  return text;
}

function schemeOf(text: string | undefined): Trigger["auth_scheme"] {
  const parsed = scheme.safeParse(text ?? "legacy_hmac");
  if (!parsed.success) throw new ApiError(400, `Invalid auth_scheme ${text}`);
  return parsed.data;
}

const answer = (
  cloud: Cloud,
  { id, uri_type, uri, event_type, additive, auth_scheme, filter, created_at, updated_at }: Trigger,
): JsonObject => ({
  id,
  product_environment_id: cloud.cloudName,
  uri_type,
  uri,
  event_type,
  additive,
  auth_scheme,
  ...(filter === undefined ? {} : { filter, filter_language: "jsonlogic" }),
  created_at,
  updated_at,
});
