import * as z from "zod";
import { isObject } from "../../shared/json.ts";
import { assetsOf } from "../asset.ts";
import { define, wire } from "../define.ts";
import type { NotificationType } from "../types.ts";
import { assetFields, keyed } from "../wire.ts";

const fields = { ...assetFields, resources: keyed(z.looseObject(assetFields)).nullish() };

/** Types in Cloudinary's list whose bodies are not published: only their assets and the body are read. */
function named<T extends NotificationType>(type: T, when: string) {
  return define(type, {
    when,
    carries: "`assets`, if it names any",
    schema: wire(type, fields),
    read: (body) => ({ assets: assetsOf(body) }),
  });
}

/** The name of a trigger for all types, so it is not expected in a body. */
export const all = named("all", "never: it is the name of a trigger for all types");
export const publish = named("publish", "assets are published");
export const report = named("report", "a report is ready");
export const restoreAssetVersion = named(
  "restore_asset_version",
  "an earlier version of an asset is restored",
);
export const refreshAutoFetch = named("bulk_refresh_auto_fetch", "a refresh of fetched assets finishes");
export const invalidateCustomCdn = named("invalidate_custom_cdn", "an invalidation on a custom CDN finishes");

export const error = define("error", {
  when: "an operation fails; also an `upload` that carries `error` and no version",
  carries: "`message`, if it has one; `isUpload`",
  schema: wire("error", {
    ...fields,
    notification_type: z.literal(["error", "upload"]),
    error: z.unknown().optional(),
    message: z.unknown().optional(),
    reason: z.unknown().optional(),
  }),
  read: (body) => ({
    assets: assetsOf(body),
    /** An upload failed; for other operations, the body does not say which one. */
    isUpload: String(body.notification_type) === "upload",
    message: messageOf(body.error) ?? messageOf(body.message) ?? messageOf(body.reason),
  }),
});

function messageOf(wire: unknown): string | undefined {
  if (typeof wire === "string") return wire;
  return isObject(wire) && typeof wire.message === "string" ? wire.message : undefined;
}
