import { ApiError } from "../api-error.ts";
import type { Json } from "../json.ts";
import { jsonOr } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { MetadataField } from "../store/state.ts";
import { holds } from "./validation.ts";

/**
 * Validates and converts values by their field definitions; throws 400 for the first invalid one. An empty value stays
 * empty, which clears the field.
 */
export function typedValues(cloud: Cloud, values: Readonly<Record<string, string>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(values).map(([id, text]) => {
      const field = cloud.store.state.metadata_fields.find((field) => field.external_id === id);
      if (field === undefined)
        throw new ApiError(400, `Metadata field with external id ${id} does not exist`);
      const isEmpty = text === "" || text === "null";
      if (isEmpty && field.mandatory) throw new ApiError(400, `Missing mandatory metadata field ${id}`);
      return [id, isEmpty ? "" : typedValue(cloud, field, text)];
    }),
  );
}

/** The default values for a new asset, for fields that the call does not set. */
export const defaultValues = (cloud: Cloud): Record<string, Json> =>
  Object.fromEntries(
    cloud.store.state.metadata_fields
      .filter((field) => field.default_value !== null && !field.default_disabled)
      .map((field) => [field.external_id, field.default_value]),
  );

/** Throws if a new asset lacks a value for a mandatory field. */
export function requireMandatory(cloud: Cloud, values: Readonly<Record<string, Json>>): void {
  const missing = cloud.store.state.metadata_fields.find(
    (field) => field.mandatory && (values[field.external_id] ?? "") === "",
  );
  if (missing !== undefined)
    throw new ApiError(400, `Missing mandatory metadata field ${missing.external_id}`);
}

function typedValue(cloud: Cloud, field: MetadataField, text: string): Json {
  const value = fromText(field, text);
  addDynamicValues(field, value);
  const wrong = problem(field, value, cloud.now());
  if (wrong !== null)
    throw new ApiError(400, `Value ${text} is invalid for field ${field.external_id}: ${wrong}`);
  return value;
}

function fromText(field: MetadataField, text: string): Json {
  if (field.type === "integer") return /^-?\d+$/.test(text) ? Number(text) : text;
  if (field.type !== "set") return text;
  if (!text.startsWith("[")) return text.split(",");
  const parsed = jsonOr(text);
  return Array.isArray(parsed) ? parsed.map(String) : text;
}

/** Adds new values to the list of a field that allows that. */
function addDynamicValues(field: MetadataField, value: Json): void {
  const values = field.datasource?.values;
  if (!field.allow_dynamic_list_values || values === undefined) return;
  for (const item of [value].flat()) {
    if (values.some(({ external_id }) => external_id === item)) continue;
    values.push({ external_id: String(item), value: String(item), state: "active" });
  }
}

/** Why a value is invalid for its field; null if it is valid. */
export function problem(field: MetadataField, value: Json, now: number): string | null {
  switch (field.type) {
    case "integer":
      if (typeof value !== "number" || !Number.isInteger(value)) return "not an integer";
      break;
    case "date":
      if (typeof value !== "string" || !isDate(value)) return "not a date";
      break;
    case "string":
      if (typeof value !== "string") return "not a text";
      break;
    case "enum":
      if (!isListed(field, value)) return "not in the datasource";
      break;
    case "set":
      if (!Array.isArray(value)) return "not a list";
      if (!value.every((item) => isListed(field, item))) return "not in the datasource";
      break;
    default:
      return field.type satisfies never;
  }
  return holds(field.validation, value, now) ? null : "against the field's validation";
}

/** Rejects `2024-02-30`, which `Date.parse` reads as the first of March. */
function isDate(text: string): boolean {
  const instant = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text);
}

const isListed = (field: MetadataField, id: Json): boolean =>
  field.datasource?.values.some((value) => value.external_id === id && value.state === "active") === true;
