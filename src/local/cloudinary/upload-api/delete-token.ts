import { createHmac, timingSafeEqual } from "node:crypto";
import { isPlaceholder } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import type { Params } from "../params.ts";
import { type Cloud, seconds } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { remove } from "./destroy.ts";

/** A delete token is valid for ten minutes. */
const lifetimeSeconds = 600;

/** `return_delete_token`: lets a browser delete its own recent upload. */
export function deleteToken(cloud: Cloud, asset: Asset, params: Params): JsonObject {
  if (params.flag("return_delete_token") !== true) return {};
  const until = seconds(cloud) + lifetimeSeconds;
  return { delete_token: tokenFor(cloud, { assetId: asset.asset_id, until }) };
}

/** `POST /delete_by_token`: needs no signature; the token works once, until it expires. */
export async function deleteByToken(cloud: Cloud, params: Params): Promise<JsonObject> {
  const token = params.required("token");
  const [assetId = "", until = ""] = token.split(".");
  const expected = tokenFor(cloud, { assetId, until: Number(until) });
  const isOurs =
    token.length === expected.length && timingSafeEqual(Buffer.from(token), Buffer.from(expected));
  const asset = cloud.store.byAssetId(assetId);
  if (!isOurs || Number(until) < seconds(cloud) || asset === undefined || isPlaceholder(asset))
    throw new ApiError(400, "Invalid token");
  await remove(cloud, [asset], { notificationUrl: null, type: "delete_by_token" });
  return { result: "ok" };
}

function tokenFor(cloud: Cloud, of: { assetId: string; until: number }): string {
  const text = `${of.assetId}.${of.until}`;
  return `${text}.${createHmac("sha256", cloud.apiSecret).update(text).digest("hex")}`;
}
