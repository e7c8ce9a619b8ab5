import type { JsonObject } from "../answers.ts";
import { ApiError, notFound } from "../api-error.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Preset } from "../store/state.ts";
import { newId } from "../store/store.ts";

const own = new Set(["name", "unsigned", "disallow_public_id", "live", "timestamp"]);

/** `POST /upload_presets`; an existing name is 409. */
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

export const listPresets = (cloud: Cloud): JsonObject => ({ presets: cloud.store.state.presets.map(answer) });
export const showPreset = (cloud: Cloud, name: string): JsonObject => answer(must(cloud, name));

export function deletePreset(cloud: Cloud, name: string): JsonObject {
  const preset = must(cloud, name);
  cloud.store.state.presets.splice(cloud.store.state.presets.indexOf(preset), 1);
  return { message: "deleted", name, external_id: preset.external_id };
}

export const findPreset = find;

function find(cloud: Cloud, name: string): Preset | undefined {
  return cloud.store.state.presets.find((preset) => preset.name === name);
}

function must(cloud: Cloud, name: string): Preset {
  const preset = find(cloud, name);
  if (preset === undefined) throw notFound(`upload preset ${name}`);
  return preset;
}

function answer({ name, unsigned, settings, external_id }: Preset): JsonObject {
  const { tags, ...rest } = settings;
  return {
    name,
    external_id,
    unsigned,
    settings: { ...rest, ...(tags === undefined ? {} : { tags: tags.split(",") }) },
  };
}

const settingsOf = (params: Params): Record<string, string> =>
  Object.fromEntries(
    [...params.fields].flatMap(([name, value]) =>
      own.has(name) || value.length === 0
        ? []
        : [[name, typeof value === "string" ? value : value.join(",")]],
    ),
  );
