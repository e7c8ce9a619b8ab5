import { ApiError, notFound } from "../api-error.ts";
import type { Params } from "../params.ts";
import { resourceTypeOf } from "../resource-type.ts";
import { checkSignature } from "../signing.ts";
import type { Cloud } from "../store/cloud.ts";
import { seconds } from "../store/cloud.ts";
import { served } from "./served.ts";
import { variant } from "./variants.ts";

/** `GET /:resource_type/download`: the original or another format of it, whatever restricts it, for who has a signed address. */
export async function download(
  cloud: Cloud,
  request: Request,
  { resourceType, params }: { resourceType: string; params: Params },
): Promise<Response> {
  checkSignature(params, cloud, seconds(cloud));
  const expires = Number(params.text("expires_at") ?? Number.POSITIVE_INFINITY);
  if (!(seconds(cloud) <= expires)) throw new ApiError(401, "Download url has expired");
  const publicId = params.required("public_id");
  const asset = cloud.store.find({
    resource_type: resourceTypeOf(resourceType),
    type: params.text("type") ?? "upload",
    public_id: publicId,
  });
  if (asset === undefined) throw notFound(publicId);
  const format = params.text("format") ?? asset.format;
  const file =
    format === asset.format ? asset.file : (await variant(cloud, asset, { transformation: "", format })).file;
  return served({ bytes: await cloud.store.read(file), format }, request, {
    "Cache-Control": "private, no-store",
    ...(params.flag("attachment") === true ? { "Content-Disposition": "attachment" } : {}),
  });
}
