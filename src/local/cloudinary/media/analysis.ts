import sharp, { type Sharp } from "sharp";
import { notEmulated } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";

/** Optional analysis of a picture, besides its size. */
export const analysisParameters = [
  "faces",
  "colors",
  "exif",
  "image_metadata",
  "media_metadata",
  "coordinates",
  "cinemagraph_analysis",
];

const colours = 8;

/** Returns the requested analysis. There is no face detection: `faces` are the coordinates set by a caller. */
export async function analysis(cloud: Cloud, asset: Asset, params: Params): Promise<JsonObject> {
  const asks = (name: string): boolean => params.flag(name) === true;
  const { face_coordinates: faces = [], custom_coordinates: custom = [] } = asset;
  const wantsFile = ["colors", "exif", "image_metadata", "media_metadata"].some(asks);
  const picture =
    wantsFile && asset.resource_type === "image" && asset.file !== ""
      ? sharp(await cloud.store.read(asset.file))
      : null;
  const metadata = picture === null ? {} : await metadataOf(picture);
  if (asks("cinemagraph_analysis") && (asset.pages ?? 1) > 1)
    throw notEmulated("cinemagraph_analysis of an animation");
  return {
    ...(asks("faces") || faces.length > 0 ? { faces } : {}),
    ...(asks("coordinates")
      ? {
          coordinates: {
            ...(faces.length > 0 ? { faces } : {}),
            ...(custom.length > 0 ? { custom } : {}),
          },
        }
      : {}),
    ...(asks("colors") ? { colors: picture === null ? [] : await coloursOf(picture) } : {}),
    ...(asks("exif") ? { exif: {} } : {}),
    ...(asks("image_metadata") ? { image_metadata: metadata } : {}),
    ...(asks("media_metadata") ? { media_metadata: metadata } : {}),
    // Always 0 for a still image.
    ...(asks("cinemagraph_analysis") ? { cinemagraph_analysis: { cinemagraph_score: 0 } } : {}),
  };
}

async function metadataOf(picture: Sharp): Promise<JsonObject> {
  const { space, density, channels, hasAlpha } = await picture.metadata();
  return {
    Colorspace: space,
    ...(density === undefined ? {} : { DPI: String(density) }),
    Channels: String(channels),
    HasAlpha: String(hasAlpha),
  };
}

/** The most frequent colors, with their share in percent. */
async function coloursOf(picture: Sharp): Promise<[string, number][]> {
  const { data, info } = await picture
    .clone()
    .resize(64, 64, { fit: "inside" })
    .flatten({ background: "white" })
    .png({ palette: true, colours })
    .toBuffer()
    .then((png) => sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true }));
  const counts = new Map<string, number>();
  for (let at = 0; at < data.length; at += info.channels) {
    const colour = `#${data
      .subarray(at, at + 3)
      .toString("hex")
      .toUpperCase()}`;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const total = data.length / info.channels;
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([colour, count]) => [colour, Math.round((1_000 * count) / total) / 10]);
}
