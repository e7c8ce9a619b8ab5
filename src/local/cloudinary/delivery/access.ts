import { ApiError } from "../api-error.ts";
import type { Cloud } from "../store/cloud.ts";
import type { AccessRule, Asset } from "../store/state.ts";
import { type DeliveryPath, isSigned } from "./delivery-url.ts";

/** Throws unless anyone with this URL may download the bytes now. */
export function checkAccess(cloud: Cloud, asset: Asset, path: DeliveryPath): void {
  if (asset.moderation.some((entry) => entry.status === "rejected")) {
    throw new ApiError(404, `Resource not found - ${asset.public_id} was rejected by moderation`);
  }
  if (asset.placeholder) throw new ApiError(404, `Resource not found - ${asset.public_id}`);
  if (asset.access_mode === "authenticated" && asset.access_control === null && !isSigned(cloud, path))
    throw new ApiError(401, "This resource needs a signed URL");
  if (asset.access_control !== null && !asset.access_control.some((rule) => isOpen(rule, cloud.now()))) {
    throw new ApiError(401, "Access to this resource needs a token");
  }
  if (isSigned(cloud, path)) return;
  if (path.signature !== null) throw new ApiError(401, "Invalid signature in URL");
  // For a private asset only the original is restricted; for an authenticated asset the variants are too.
  const isMadeVariant =
    asset.type === "private" &&
    path.transformation !== "" &&
    asset.derived.some((variant) => variant.transformation === path.transformation);
  if ((asset.type === "private" || asset.type === "authenticated") && !isMadeVariant) {
    throw new ApiError(401, `This ${asset.type} resource needs a signed URL`);
  }
}

const isOpen = (rule: AccessRule, now: number): boolean =>
  rule.access_type === "anonymous" &&
  (rule.start === undefined || Date.parse(rule.start) <= now) &&
  (rule.end === undefined || now < Date.parse(rule.end));
