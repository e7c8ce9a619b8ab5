import type { JsonObject } from "../answers.ts";
import { ApiError, notFound } from "../api-error.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import { newId } from "../store/store.ts";

/** Definitions are kept and listed; values of assets are not checked against them, unlike at the real service. */
export const listFields = (cloud: Cloud): JsonObject => ({
  metadata_fields: cloud.store.state.metadata_fields,
});

export function createField(cloud: Cloud, params: Params): JsonObject {
  const external_id = params.text("external_id") ?? newId().slice(0, 20);
  if (find(cloud, external_id) !== undefined)
    throw new ApiError(409, `external id ${external_id} already exists`);
  const field: JsonObject = {
    external_id,
    type: params.required("type"),
    label: params.required("label"),
    mandatory: params.flag("mandatory") === true,
    default_value: params.text("default_value") ?? null,
  };
  cloud.store.state.metadata_fields.push(field);
  return field;
}

export function showField(cloud: Cloud, externalId: string): JsonObject {
  const field = find(cloud, externalId);
  if (field === undefined) throw notFound(`metadata field ${externalId}`);
  return field;
}

export function deleteField(cloud: Cloud, externalId: string): JsonObject {
  const { metadata_fields } = cloud.store.state;
  cloud.store.state.metadata_fields = metadata_fields.filter(
    (field) => field !== showField(cloud, externalId),
  );
  return { message: "ok" };
}

const find = (cloud: Cloud, externalId: string): JsonObject | undefined =>
  cloud.store.state.metadata_fields.find((field) => field.external_id === externalId);
