import { ApiError } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import type { Params } from "../params.ts";
import { type Cloud, instant } from "../store/cloud.ts";

/** `GET /config`; with `settings`, the answer includes the folder mode. */
export const config = (cloud: Cloud, params: Params): JsonObject => ({
  cloud_name: cloud.cloudName,
  created_at: "2020-01-01T00:00:00Z",
  ...(params.flag("settings") === true ? { settings: { folder_mode: cloud.folderMode } } : {}),
});

/** `GET /usage` for today, or for an earlier `date`. The answer for an earlier day has no limits. */
export function usage(cloud: Cloud, params: Params): JsonObject {
  const date = params.text("date");
  if (date !== undefined && !/^\d\d-\d\d-\d{4}$/.test(date)) throw new ApiError(400, `Invalid date ${date}`);
  const { assets } = cloud.store.state;
  const stored = assets.reduce((sum, asset) => sum + asset.bytes, 0);
  const derived = assets.reduce((sum, asset) => sum + asset.derived.length, 0);
  const metered = (used: number): JsonObject => ({ usage: used });
  return {
    plan: "Local",
    last_updated: instant(cloud).slice(0, 10),
    transformations: metered(derived),
    objects: metered(assets.length + derived),
    bandwidth: metered(0),
    storage: metered(stored),
    requests: 0,
    resources: assets.length,
    derived_resources: derived,
    media_limits: {},
  };
}
