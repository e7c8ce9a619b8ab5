import { z } from "zod";
import { ApiError } from "../api-error.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { DatasourceValue, MetadataField } from "../store/state.ts";
import { newId } from "../store/store.ts";
import { mustField } from "./find-field.ts";

const given = z.object({
  values: z.array(z.object({ external_id: z.string().optional(), value: z.string() })),
});

/** Builds a field's datasource from a call; existing entries keep their state. */
export function datasourceOf(
  json: Json,
  before?: { values: DatasourceValue[] },
): { values: DatasourceValue[] } {
  const parsed = given.safeParse(json);
  if (!parsed.success) throw new ApiError(400, "datasource is invalid");
  const values = before === undefined ? [] : [...before.values];
  for (const { external_id = newId().slice(0, 20), value } of parsed.data.values) {
    const at = values.findIndex((value) => value.external_id === external_id);
    const entry = { external_id, value, state: values[at]?.state ?? "active" };
    if (at === -1) values.push(entry);
    else values[at] = entry;
  }
  return { values };
}

/** `PUT /metadata_fields/:external_id/datasource`: updates and adds entries, and removes none. */
export function updateDatasource(cloud: Cloud, id: string, params: Params): JsonObject {
  const field = withDatasource(cloud, id);
  const values = params.json("values");
  if (values === undefined) throw new ApiError(400, "Missing required parameter - values");
  field.datasource = datasourceOf({ values }, field.datasource);
  return answer(field);
}

/** `DELETE /metadata_fields/:external_id/datasource`: deactivates entries; they can be restored. */
export const deleteEntries = (cloud: Cloud, id: string, params: Params): JsonObject =>
  setState(cloud, id, { ids: params.list("external_ids"), state: "inactive" });

/** `POST /metadata_fields/:external_id/datasource_restore` */
export const restoreEntries = (cloud: Cloud, id: string, params: Params): JsonObject =>
  setState(cloud, id, { ids: params.list("external_ids"), state: "active" });

function setState(
  cloud: Cloud,
  id: string,
  to: { ids: readonly string[]; state: DatasourceValue["state"] },
): JsonObject {
  const field = withDatasource(cloud, id);
  const unknown = to.ids.find((id) => !field.datasource.values.some(({ external_id }) => external_id === id));
  if (unknown !== undefined) throw new ApiError(400, `Datasource entry ${unknown} does not exist`);
  for (const entry of field.datasource.values) {
    if (to.ids.includes(entry.external_id)) entry.state = to.state;
  }
  return answer(field);
}

/** `POST` or `PUT /metadata_fields/:external_id/datasource/order` */
export function orderDatasource(cloud: Cloud, id: string, params: Params): JsonObject {
  const field = withDatasource(cloud, id);
  const by = z.enum(["value", "external_id"]).safeParse(params.text("order_by") ?? "value");
  if (!by.success) throw new ApiError(400, `order_by ${params.text("order_by")} is invalid`);
  const sign = params.text("direction") === "desc" ? -1 : 1;
  field.datasource.values.sort((a, b) => sign * (a[by.data] < b[by.data] ? -1 : 1));
  return answer(field);
}

type Listed = MetadataField & { datasource: { values: DatasourceValue[] } };

function withDatasource(cloud: Cloud, id: string): Listed {
  const field = mustField(cloud, id);
  const { datasource } = field;
  if (datasource === undefined) throw new ApiError(400, `Metadata field ${id} has no datasource`);
  return Object.assign(field, { datasource });
}

/** Only active entries. */
const answer = (field: MetadataField): JsonObject => ({
  values: (field.datasource?.values ?? [])
    .filter((value) => value.state === "active")
    .map((value) => ({ ...value })),
});
