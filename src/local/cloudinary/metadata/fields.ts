import { z } from "zod";
import { ApiError, missing } from "../api-error.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Params } from "../params.ts";
import { type Cloud, instant } from "../store/cloud.ts";
import { type MetadataField, stateSchema } from "../store/state.ts";
import { newId } from "../store/store.ts";
import { datasourceOf } from "./datasource.ts";
import { mustField } from "./find-field.ts";
import { isValidation } from "./validation.ts";
import { problem } from "./values.ts";

const types = stateSchema.shape.metadata_fields.element.shape.type;

/** The properties of a definition, without its datasource. */
export const fieldParameters = [
  "external_id",
  "type",
  "label",
  "mandatory",
  "default_value",
  "default_disabled",
  "validation",
  "restrictions",
  "datasource",
  "allow_dynamic_list_values",
];

export const listFields = (cloud: Cloud): JsonObject => ({
  metadata_fields: cloud.store.state.metadata_fields.map(answer),
});

export const showField = (cloud: Cloud, id: string): JsonObject => answer(mustField(cloud, id));

/** `POST /metadata_fields`; answers 400 if the id is in use or belonged to a deleted field. */
export function createField(cloud: Cloud, params: Params): JsonObject {
  const { state } = cloud.store;
  const external_id = params.text("external_id") ?? newId().slice(0, 20);
  const isTaken = state.metadata_fields.some((field) => field.external_id === external_id);
  if (isTaken || state.retired_field_ids.includes(external_id))
    throw new ApiError(400, `external id ${external_id} already exists`);
  const type = types.safeParse(params.required("type"));
  if (!type.success) throw new ApiError(400, `type ${params.text("type")} is invalid`);
  const isList = type.data === "enum" || type.data === "set";
  if (isList && params.json("datasource") === undefined) throw missing("datasource");
  const field: MetadataField = {
    external_id,
    type: type.data,
    label: params.required("label"),
    mandatory: false,
    default_value: null,
    validation: null,
    default_disabled: false,
    allow_dynamic_list_values: false,
    created_at: instant(cloud),
  };
  change(cloud, field, params);
  state.metadata_fields.push(field);
  return answer(field);
}

/** `PUT /metadata_fields/:external_id` */
export function updateField(cloud: Cloud, id: string, params: Params): JsonObject {
  const field = mustField(cloud, id);
  for (const name of ["type", "external_id"] as const) {
    const given = params.text(name);
    if (given !== undefined && given !== field[name]) throw new ApiError(400, `${name} cannot be changed`);
  }
  const changed = structuredClone(field);
  change(cloud, changed, params);
  Object.assign(field, changed);
  return answer(field);
}

function change(cloud: Cloud, field: MetadataField, params: Params): void {
  field.label = params.text("label") ?? field.label;
  field.mandatory = params.flag("mandatory") ?? field.mandatory;
  field.default_disabled = params.flag("default_disabled") ?? field.default_disabled;
  field.allow_dynamic_list_values =
    params.flag("allow_dynamic_list_values") ?? field.allow_dynamic_list_values;
  const validation = params.json("validation") ?? field.validation;
  if (!isValidation(field.type, validation)) throw new ApiError(400, "validation is invalid");
  field.validation = validation;
  const restrictions = params.json("restrictions");
  if (restrictions !== undefined) field.restrictions = restrictions;
  const datasource = params.json("datasource");
  if (datasource !== undefined) field.datasource = datasourceOf(datasource, field.datasource);
  const isText = field.type !== "integer" && field.type !== "set";
  const value = isText ? params.text("default_value") : params.json("default_value");
  if (value === undefined) return;
  if (problem(field, value, cloud.now()) !== null) throw new ApiError(400, "default_value is invalid");
  field.default_value = value;
}

export function deleteField(cloud: Cloud, id: string): JsonObject {
  const { state } = cloud.store;
  const field = mustField(cloud, id);
  state.metadata_fields = state.metadata_fields.filter((candidate) => candidate !== field);
  state.retired_field_ids.push(id);
  return { message: "ok" };
}

/** `PUT /metadata_fields/order` */
export function orderFields(cloud: Cloud, params: Params): JsonObject {
  const by = z.enum(["label", "external_id", "created_at"]).safeParse(params.required("order_by"));
  if (!by.success) throw new ApiError(400, `order_by ${params.text("order_by")} is invalid`);
  const sign = params.text("direction") === "desc" ? -1 : 1;
  cloud.store.state.metadata_fields.sort((a, b) => sign * (a[by.data] < b[by.data] ? -1 : 1));
  return listFields(cloud);
}

function answer(field: MetadataField): JsonObject {
  const { created_at: _, datasource, allow_dynamic_list_values, ...rest } = field;
  const json: Json = JSON.parse(
    JSON.stringify({ ...rest, ...(datasource === undefined ? {} : { datasource }) }),
  );
  const isList = field.type === "enum" || field.type === "set";
  return { ...Object(json), ...(isList ? { allow_dynamic_list_values } : {}) };
}
