import { ApiError } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import { typedValues } from "../metadata/values.ts";
import { type Params, pairsOf, tagsOf } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, ResourceType } from "../store/state.ts";
import { changeContext, changeMetadata, changeTags } from "./labels.ts";

/** Finds assets by `public_ids`; unknown ids are skipped, as by the real calls. */
function named(cloud: Cloud, resource_type: ResourceType, params: Params): Asset[] {
  const type = params.text("type") ?? "upload";
  const public_ids = params.list("public_ids");
  if (public_ids.length > 1_000) throw new ApiError(400, "Maximum of 1000 public_ids exceeded");
  return public_ids.flatMap((public_id) => cloud.store.find({ resource_type, type, public_id }) ?? []);
}

const done = (assets: readonly Asset[]): JsonObject => ({
  public_ids: assets.map((asset) => asset.public_id),
});

/** `POST /:resource_type/tags` with a command: add, remove, replace, remove_all or set_exclusive. */
export function tagsCommand(cloud: Cloud, resourceType: ResourceType, params: Params): JsonObject {
  const assets = named(cloud, resourceType, params);
  const command = params.required("command");
  const tags = command === "remove_all" ? [] : tagsOf(params, "tag");
  const told = { notificationUrl: params.text("notification_url") ?? null };
  const to = (asset: Asset): string[] => {
    switch (command) {
      case "add":
      case "set_exclusive":
        return [...asset.tags, ...tags];
      case "remove":
        return asset.tags.filter((tag) => !tags.includes(tag));
      case "replace":
      case "remove_all":
        return tags;
      default:
        throw new ApiError(400, `Invalid command ${command}`);
    }
  };
  changeTags(cloud, assets, { to, told });
  if (command === "set_exclusive") {
    const others = cloud.store.state.assets.filter((asset) => !assets.includes(asset));
    changeTags(cloud, others, { to: (asset) => asset.tags.filter((tag) => !tags.includes(tag)), told });
  }
  return done(assets);
}

/** `POST /:resource_type/context` with a command: add or remove_all. */
export function contextCommand(cloud: Cloud, resourceType: ResourceType, params: Params): JsonObject {
  const assets = named(cloud, resourceType, params);
  const command = params.required("command");
  if (command !== "add" && command !== "remove_all") throw new ApiError(400, `Invalid command ${command}`);
  const added = command === "add" ? pairsOf(params.required("context")) : {};
  const to = (asset: Asset): Record<string, string> =>
    command === "add" ? { ...asset.context, ...added } : {};
  changeContext(cloud, assets, { to, told: { notificationUrl: params.text("notification_url") ?? null } });
  return done(assets);
}

/** `POST /:resource_type/metadata`: sets structured metadata of several assets. */
export function metadataCommand(cloud: Cloud, resourceType: ResourceType, params: Params): JsonObject {
  const assets = named(cloud, resourceType, params);
  const told = { notificationUrl: params.text("notification_url") ?? null };
  changeMetadata(cloud, assets, { values: typedValues(cloud, pairsOf(params.required("metadata"))), told });
  return done(assets);
}
