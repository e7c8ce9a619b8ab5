import { findPreset, presetAsParameters } from "../admin-api/presets.ts";
import { ApiError } from "../api-error.ts";
import type { MadeCall } from "../call.ts";
import type { JsonObject } from "../json.ts";
import { type Params, withDefaults } from "../params.ts";
import { basicAuth, requireSignature } from "../signing.ts";
import { seconds } from "../store/cloud.ts";
import { gather } from "./chunks.ts";
import { upload } from "./upload.ts";

const allowedUnsigned = (
  "upload_preset,callback,public_id,folder,asset_folder,tags,context,metadata,face_coordinates,custom_coordinates,source," +
  "filename_override,manifest_transformation,manifest_json,template,template_vars,regions,public_id_prefix"
).split(",");

/** `POST /:resource_type/upload`: signed, or unsigned with a preset that allows it; in one request or in chunks. */
export async function uploadCall(
  { cloud, request, params }: MadeCall,
  resourceType: string,
): Promise<JsonObject> {
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
  else requireSignature(request, params, { credentials: cloud, nowSeconds: seconds(cloud) });
  const gathered = await gather(request, params);
  if (!gathered.done) return gathered.answer;
  // Parameters of the call override the preset; an unsigned call accepts only a safe subset.
  const { disallow_public_id: isNamed = "false", ...settings } =
    preset === undefined ? {} : presetAsParameters(preset);
  if (isNamed === "true" && params.text("public_id") !== undefined)
    throw new ApiError(400, "public_id is not allowed by this upload preset");
  return upload(cloud, withDefaults(gathered.params, settings), { resourceType, unsigned });
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
