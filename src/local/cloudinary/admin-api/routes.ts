import type { JsonObject } from "../answers.ts";
import { ApiError, notHere } from "../api-error.ts";
import type { Params } from "../params.ts";
import { resourceTypeOf } from "../resource-type.ts";
import type { Cloud } from "../store/cloud.ts";
import { createField, deleteField, listFields, showField } from "./metadata-fields.ts";
import { createPreset, deletePreset, listPresets, showPreset, updatePreset } from "./presets.ts";
import {
  deleteByAssetIds,
  deleteByTag,
  deleteMany,
  list,
  listByModeration,
  listTags,
  listWhere,
  must,
  show,
  update,
} from "./resources.ts";
import { search } from "./search.ts";
import { createTrigger, deleteTrigger, listTriggers, updateTrigger } from "./triggers.ts";

export interface AdminCall {
  cloud: Cloud;
  method: string;
  /** The decoded path below the cloud's name, split at every slash. */
  path: readonly string[];
  params: Params;
}

const areas = new Set([
  "ping",
  "usage",
  "resources",
  "upload_presets",
  "triggers",
  "tags",
  "metadata_fields",
  "folders",
  "transformations",
]);

export const isAdminPath = (path: readonly string[]): boolean => areas.has(path[0] ?? "");

/** Answers an Admin API call, or throws as the API would. */
export async function adminCall(call: AdminCall): Promise<JsonObject> {
  const { cloud, method, params } = call;
  const [area = "", ...rest] = call.path;
  const name = rest.join("/");
  switch (`${method} ${area}`) {
    case "GET ping":
      return { status: "ok" };
    case "GET usage":
      return usage(cloud);
    case "GET tags":
      return listTags(cloud, resourceTypeOf(name), params);
    case "GET upload_presets":
      return name === "" ? listPresets(cloud) : showPreset(cloud, name);
    case "POST upload_presets":
      return createPreset(cloud, params);
    case "PUT upload_presets":
      return updatePreset(cloud, name, params);
    case "DELETE upload_presets":
      return deletePreset(cloud, name);
    case "GET triggers":
      return listTriggers(cloud, params);
    case "POST triggers":
      if (name !== "") throw notHere("test of a trigger's filter");
      return createTrigger(cloud, params);
    case "PUT triggers":
      return updateTrigger(cloud, name, params);
    case "DELETE triggers":
      return deleteTrigger(cloud, name);
    case "GET metadata_fields":
      return name === "" ? listFields(cloud) : showField(cloud, name);
    case "POST metadata_fields":
      return createField(cloud, params);
    case "DELETE metadata_fields":
      return deleteField(cloud, name);
    default:
      if (area === "resources") return resourcesCall(call, rest);
      throw notHere(`${method} /${call.path.join("/")}`);
  }
}

async function resourcesCall(
  { cloud, method, params }: AdminCall,
  path: readonly string[],
): Promise<JsonObject> {
  const [first = "", second, ...rest] = path;
  const id = rest.join("/");
  if (first === "" && method === "DELETE") return deleteByAssetIds(cloud, params);
  if (first === "" && method === "GET") return { resource_types: ["image", "video", "raw"] };
  if (first === "search" && method === "POST") return search(cloud, params);
  if (first === "by_asset_ids" && method === "GET") {
    const ids = params.list("asset_ids");
    return listWhere(cloud, (asset) => ids.includes(asset.asset_id), params);
  }
  if (first === "by_asset_folder" && method === "GET") {
    const folder = params.required("asset_folder");
    return listWhere(cloud, (asset) => asset.asset_folder === folder, params);
  }
  if (second === undefined && /^[0-9a-f]{32}$/.test(first))
    return byAssetId({ cloud, method, params }, first);
  const resourceType = resourceTypeOf(first);
  const [kind = "", status = ""] = rest;
  if (second === "moderations") return listByModeration(cloud, { resourceType, kind, status }, params);
  if (second === "tags" && method === "GET") {
    return listWhere(
      cloud,
      (asset) => asset.resource_type === resourceType && asset.tags.includes(id),
      params,
    );
  }
  if (second === "tags" && method === "DELETE") return deleteByTag(cloud, { resourceType, tag: id }, params);
  if (second === "context" && method === "GET") {
    const key = params.required("key");
    const value = params.text("value");
    return listWhere(
      cloud,
      (asset) => asset.context[key] !== undefined && (value === undefined || asset.context[key] === value),
      params,
    );
  }
  if (id === "" && method === "GET") return list(cloud, { resourceType, type: second }, params);
  if (id === "" && method === "DELETE" && second !== undefined)
    return deleteMany(cloud, { resourceType, type: second }, params);
  const asset = must(
    cloud.store.find({ resource_type: resourceType, type: second ?? "upload", public_id: id }),
    id,
  );
  if (method === "GET") return show(cloud, asset);
  if (method === "POST") return update(cloud, asset, params);
  throw new ApiError(400, `Unknown call ${method} /resources/${path.join("/")}`);
}

function byAssetId({ cloud, method, params }: Omit<AdminCall, "path">, assetId: string): JsonObject {
  const asset = must(cloud.store.byAssetId(assetId), assetId);
  if (method === "GET") return show(cloud, asset);
  if (method === "PUT") return update(cloud, asset, params);
  throw new ApiError(400, `Unknown call ${method} /resources/${assetId}`);
}

function usage(cloud: Cloud): JsonObject {
  const { assets } = cloud.store.state;
  const derived = assets.reduce((sum, asset) => sum + asset.derived.length, 0);
  const stored = assets.reduce((sum, asset) => sum + asset.bytes, 0);
  return { plan: "Local", resources: assets.length, derived_resources: derived, storage: { usage: stored } };
}
