import { findPreset } from "../admin-api/presets.ts";
import type { JsonObject } from "../answers.ts";
import { ApiError, missing, notHere } from "../api-error.ts";
import { type Params, withDefaults } from "../params.ts";
import { resourceTypeOf } from "../resource-type.ts";
import { basicAuth, checkSignature } from "../signing.ts";
import { type Cloud, seconds } from "../store/cloud.ts";
import { contextCommand, metadataCommand, tagsCommand } from "./bulk.ts";
import { gather } from "./chunks.ts";
import { destroy, destroyByAssetId } from "./destroy.ts";
import { explicit } from "./explicit.ts";
import { explode } from "./explode.ts";
import { multi } from "./multi.ts";
import { rename } from "./rename.ts";
import { createSlideshow } from "./slideshow.ts";
import { sprite } from "./sprite.ts";
import { upload } from "./upload.ts";

/** Answers an Upload API call (`/:resource_type/:action`), or throws as the API would. */
export async function uploadCall(
  cloud: Cloud,
  request: Request,
  call: { path: readonly string[]; params: Params },
): Promise<JsonObject> {
  const [resourceType = "", action = ""] = call.path.length === 1 ? ["auto", call.path[0]] : call.path;
  if (request.method !== "POST")
    throw new ApiError(404, `Unknown call ${request.method} /${call.path.join("/")}`);
  if (action === "upload") return uploadFile(cloud, request, { resourceType, params: call.params });
  authorise(cloud, request, call.params);
  if (resourceType === "asset" && action === "destroy") return destroyByAssetId(cloud, call.params);
  const { params } = call;
  switch (action) {
    case "explicit":
      return explicit(cloud, resourceTypeOf(resourceType), params);
    case "rename":
      return rename(cloud, resourceTypeOf(resourceType), params);
    case "destroy":
      return destroy(cloud, resourceTypeOf(resourceType), params);
    case "tags":
      return tagsCommand(cloud, resourceTypeOf(resourceType), params);
    case "context":
      return contextCommand(cloud, resourceTypeOf(resourceType), params);
    case "metadata":
      return metadataCommand(cloud, resourceTypeOf(resourceType), params);
    case "sprite":
      return sprite(cloud, params);
    case "multi":
      return multi(cloud, params);
    case "explode":
      return explode(cloud, params);
    case "create_slideshow":
      return createSlideshow(cloud, params);
    default:
      throw notHere(`POST /${call.path.join("/")}`);
  }
}

const allowedUnsigned = (
  "upload_preset,callback,public_id,folder,asset_folder,tags,context,metadata,face_coordinates,custom_coordinates,source," +
  "filename_override,manifest_transformation,manifest_json,template,template_vars,regions,public_id_prefix"
).split(",");

async function uploadFile(
  cloud: Cloud,
  request: Request,
  call: { resourceType: string; params: Params },
): Promise<JsonObject> {
  const { resourceType, params } = call;
  const presetName = params.text("upload_preset");
  const preset = presetName === undefined ? undefined : findPreset(cloud, presetName);
  const unsigned = params.text("signature") === undefined && basicAuth(request, cloud) === "none";
  if (unsigned && presetName === undefined) {
    throw new ApiError(400, "Upload preset must be specified when using unsigned upload");
  }
  if (presetName !== undefined && preset === undefined) throw new ApiError(400, "Upload preset not found");
  if (unsigned && preset?.unsigned !== true) {
    throw new ApiError(400, "Upload preset must be whitelisted for unsigned uploads");
  }
  if (unsigned) checkUnsigned(params);
  else authorise(cloud, request, params);
  const gathered = await gather(request, params);
  if (!gathered.done) return gathered.answer;
  // What the call says comes before what the preset says; an unsigned call can only say harmless things.
  return upload(cloud, withDefaults(gathered.params, preset?.settings ?? {}), { resourceType, unsigned });
}

function checkUnsigned(params: Params): void {
  const wrong = [...params.fields.keys()].find(
    (name) => !allowedUnsigned.includes(name) && !["file", "api_key", "timestamp"].includes(name),
  );
  if (wrong === undefined) return;
  throw new ApiError(
    400,
    `${wrong} parameter is not allowed when using unsigned upload. Only ${allowedUnsigned.join(",")} upload parameters are allowed.`,
  );
}

function authorise(cloud: Cloud, request: Request, params: Params): void {
  const basic = basicAuth(request, cloud);
  if (basic === "good") return;
  if (basic === "bad") throw new ApiError(401, "Invalid credentials");
  if (params.text("signature") === undefined) throw missing("signature");
  checkSignature(params, cloud, seconds(cloud));
}
