import { ApiError, notEmulated } from "../api-error.ts";
import type { Params } from "../params.ts";

/** Add-ons by the parameter that requests them. Only `background_removal: cloudinary_ai` is emulated. */
const addOns: Readonly<Record<string, RegExp>> = {
  raw_convert: /^(aspose|google_speech(:.+)?|azure_video_indexer(:.+)?|google_translate(:.+)?|extract_text)$/,
  categorization:
    /^(?:google_tagging|google_video_tagging|imagga_tagging|aws_rek_tagging)(?::\w+)?(?:,(?:google_tagging|google_video_tagging|imagga_tagging|aws_rek_tagging)(?::\w+)?)*,?$/,
  detection:
    /^([a-z-]+_v\d+|captioning|iqa|watermark-detection|adv_face|aws_rek_face|adv_ocr|cld-\w+|\w+_v\d+)$/,
  ocr: /^adv_ocr(:.+)?$/,
  background_removal: /^(cloudinary_ai(:\w+)?|pixelz)$/,
};

/** Checks the add-ons of an `upload` or `explicit`; an unknown name is rejected with the Upload API's message. */
export const addOnParameters = Object.keys(addOns);

/**
 * Throws the API's error for an add-on that does not exist, and 501 for one that is not emulated. The Admin API has its
 * own message for the former.
 */
export function checkAddOns(params: Params, api: "upload" | "admin"): void {
  for (const [name, known] of Object.entries(addOns)) {
    const asked = params.text(name);
    if (asked === undefined) continue;
    if (!known.test(asked)) throw new ApiError(400, refusal(name, asked, api));
    if (name !== "background_removal" || !asked.startsWith("cloudinary_ai"))
      throw notEmulated(`the add-on ${name}=${asked}`);
  }
}

function refusal(name: string, asked: string, api: "upload" | "admin"): string {
  if (api === "admin") return `Illegal value ${asked} for ${name}`;
  switch (name) {
    case "raw_convert":
      return "Raw convert is invalid";
    case "detection":
      return `Detection invalid model '${asked}'`;
    default:
      return `${name === "categorization" ? "Categorization" : name === "ocr" ? "Ocr" : "Background removal"} ${asked} is invalid`;
  }
}
