import type { JsonObject } from "../answers.ts";
import { ApiError, notFound, notHere } from "../api-error.ts";
import type { Params } from "../params.ts";
import { type Cloud, instant } from "../store/cloud.ts";
import { stateSchema, type Trigger } from "../store/state.ts";
import { newId } from "../store/store.ts";

const eventTypes = new Set(
  `all access_control_changed bulk_refresh_auto_fetch create_folder delete delete_by_token delete_folder eager error explode
   generate_archive info invalidate_custom_cdn moderation moderation_summary move move_or_rename_asset_folder multi publish
   rename report resource_context_changed resource_display_name_changed resource_metadata_changed resource_tags_changed
   restore_asset_version sprite upload related_assets proof_status_changed`.split(/\s+/),
);
const mostUrls = 30;
const scheme = stateSchema.shape.triggers.element.shape.auth_scheme;

export function listTriggers(cloud: Cloud, params: Params): JsonObject {
  const type = params.text("event_type");
  const triggers = cloud.store.state.triggers.filter(
    (trigger) => type === undefined || trigger.event_type === type,
  );
  return { triggers: triggers.map((trigger) => answer(cloud, trigger)), total: triggers.length };
}

/** `POST /triggers`: one event type and one URL; the same pair again is 409. */
export function createTrigger(cloud: Cloud, params: Params): JsonObject {
  const uri = uriOf(params.required("uri"));
  const event_type = params.required("event_type");
  if (!eventTypes.has(event_type)) throw new ApiError(400, `Invalid event_type ${event_type}`);
  for (const name of ["filter", "payload_template"]) {
    if (params.text(name) !== undefined) throw notHere(`trigger with ${name}`);
  }
  const same = cloud.store.state.triggers.filter((trigger) => trigger.event_type === event_type);
  if (same.some((trigger) => trigger.uri === uri)) throw new ApiError(409, "Trigger already exists");
  if (same.length >= mostUrls) throw new ApiError(400, `Limit of ${mostUrls} notification URLs reached`);
  const trigger: Trigger = {
    id: newId(),
    uri,
    event_type,
    additive: params.flag("additive") === true,
    auth_scheme: schemeOf(params.text("auth_scheme")),
    created_at: instant(cloud),
    updated_at: instant(cloud),
  };
  cloud.store.state.triggers.push(trigger);
  return answer(cloud, trigger);
}

/** `PUT /triggers/:id` moves it to another URL. */
export function updateTrigger(cloud: Cloud, id: string, params: Params): JsonObject {
  const trigger = must(cloud, id);
  trigger.uri = uriOf(params.required("new_uri"));
  trigger.updated_at = instant(cloud);
  return { message: "updated" };
}

export function deleteTrigger(cloud: Cloud, id: string): JsonObject {
  cloud.store.state.triggers.splice(cloud.store.state.triggers.indexOf(must(cloud, id)), 1);
  return { message: "deleted" };
}

function must(cloud: Cloud, id: string): Trigger {
  const trigger = cloud.store.state.triggers.find((one) => one.id === id);
  if (trigger === undefined) throw notFound(`trigger ${id}`);
  return trigger;
}

function uriOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new ApiError(400, `Invalid uri ${text}`);
  return text;
}

function schemeOf(text: string | undefined): Trigger["auth_scheme"] {
  const parsed = scheme.safeParse(text ?? "legacy_hmac");
  if (!parsed.success) throw new ApiError(400, `Invalid auth_scheme ${text}`);
  return parsed.data;
}

const answer = (
  cloud: Cloud,
  { id, uri, event_type, additive, auth_scheme, created_at, updated_at }: Trigger,
): JsonObject => ({
  id,
  product_environment_id: cloud.cloudName,
  uri_type: "webhook",
  uri,
  event_type,
  additive,
  auth_scheme,
  created_at,
  updated_at,
});
