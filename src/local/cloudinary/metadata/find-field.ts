import { notFound } from "../api-error.ts";
import type { Cloud } from "../store/cloud.ts";
import type { MetadataField } from "../store/state.ts";

/** Finds the definition by external id; throws 404. */
export function mustField(cloud: Cloud, id: string): MetadataField {
  const field = cloud.store.state.metadata_fields.find((candidate) => candidate.external_id === id);
  if (field === undefined) throw notFound(`metadata field ${id}`);
  return field;
}
