import { ApiError, notFound } from "../api-error.ts";
import type { Json, JsonObject } from "../json.ts";
import { pageSize } from "../page-size.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Preset } from "../store/state.ts";
import { newId } from "../store/store.ts";

/** Parameters of the preset itself; all others are upload settings. */
export const presetParameters: readonly string[] = ["name", "unsigned", "disallow_public_id"];
const ofCall = new Set([...presetParameters, "api_key", "timestamp", "signature"]);

/** Always returned as lists, also when they were sent as comma-separated text. */
const lists = new Set(["tags", "allowed_formats"]);
/** Always returned as true or false. */
const flags = new Set(
  `overwrite unique_filename use_filename use_filename_as_display_name use_asset_folder_as_public_id_prefix
   discard_original_filename backup async eager_async invalidate faces colors exif image_metadata media_metadata
   return_delete_token unique_display_name live quality_analysis phash disallow_public_id`.split(/\s+/),
);

/** `POST /upload_presets`; answers 409 if the name exists. */
export function createPreset(cloud: Cloud, params: Params): JsonObject {
  const name = params.text("name") ?? newId().slice(0, 8);
  if (find(cloud, name) !== undefined) throw new ApiError(409, `Preset ${name} already exists`);
  const preset: Preset = {
    name,
    unsigned: params.flag("unsigned") === true,
    settings: settingsOf(params),
    external_id: newId(),
  };
  cloud.store.state.presets.push(preset);
  return { message: "created", name, external_id: preset.external_id };
}

export function updatePreset(cloud: Cloud, name: string, params: Params): JsonObject {
  const preset = must(cloud, name);
  preset.settings = { ...preset.settings, ...settingsOf(params) };
  preset.unsigned = params.flag("unsigned") ?? preset.unsigned;
  return { message: "updated", name, external_id: preset.external_id };
}

export function listPresets(cloud: Cloud, params: Params): JsonObject {
  const max = pageSize(params, 10);
  const after = params.text("next_cursor");
  const { presets } = cloud.store.state;
  const from = after === undefined ? 0 : presets.findIndex((preset) => preset.external_id === after);
  if (from === -1) throw new ApiError(400, `Invalid next_cursor ${after}`);
  const next = presets[from + max];
  return {
    presets: presets.slice(from, from + max).map(answer),
    ...(next === undefined ? {} : { next_cursor: next.external_id }),
  };
}

export const showPreset = (cloud: Cloud, name: string): JsonObject => answer(must(cloud, name));

export function deletePreset(cloud: Cloud, name: string): JsonObject {
  const preset = must(cloud, name);
  cloud.store.state.presets.splice(cloud.store.state.presets.indexOf(preset), 1);
  return { message: "deleted", name, external_id: preset.external_id };
}

/** Returns a preset's settings in the form in which an upload call sends them. */
export const presetAsParameters = (preset: Preset): Record<string, string> =>
  Object.fromEntries(Object.entries(preset.settings).map(([name, value]) => [name, asParameter(value)]));

const asParameter = (value: Json): string => {
  if (typeof value === "string") return value;
  const isFlat = Array.isArray(value) && value.every((item) => typeof item === "string");
  return isFlat ? value.join(",") : JSON.stringify(value);
};

export const findPreset = find;

function find(cloud: Cloud, name: string): Preset | undefined {
  return cloud.store.state.presets.find((preset) => preset.name === name);
}

function must(cloud: Cloud, name: string): Preset {
  const preset = find(cloud, name);
  if (preset === undefined) throw notFound(`upload preset ${name}`);
  return preset;
}

const answer = ({ name, unsigned, settings, external_id }: Preset): JsonObject => ({
  name,
  external_id,
  unsigned,
  settings: { ...settings },
});

const settingsOf = (params: Params): Record<string, Json> =>
  Object.fromEntries(
    [...params.fields].flatMap(([name, value]) =>
      (ofCall.has(name) && name !== "disallow_public_id") || value.length === 0
        ? []
        : [[name, shown(name, params)]],
    ),
  );

function shown(name: string, params: Params): Json {
  if (lists.has(name)) return params.list(name).flatMap((text) => text.split(","));
  if (flags.has(name)) return params.flag(name) === true;
  const value = params.fields.get(name);
  if (name === "access_control") return params.json(name) ?? "";
  return typeof value === "string" ? value : [...(value ?? [])];
}
