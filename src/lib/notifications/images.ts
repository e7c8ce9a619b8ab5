import * as z from "zod";
import { entries, type Keyed } from "./wire.ts";

/** One picture of a sprite or an `explode` result. */
export interface GeneratedImage {
  url?: string;
  width?: number;
  height?: number;
  bytes?: number;
  /** The position in the sprite. */
  x?: number;
  y?: number;
}

export const imageInfo = z.looseObject({
  url: z.string().nullish(),
  secure_url: z.string().nullish(),
  width: z.number().nullish(),
  height: z.number().nullish(),
  bytes: z.int().nullish(),
  x: z.number().nullish(),
  y: z.number().nullish(),
});

type WireImage = z.output<typeof imageInfo>;

/** `image_infos`: a list, or an object whose keys are the URLs. */
export function readImages(wire: Keyed<WireImage>): GeneratedImage[] {
  return entries(wire).map(({ key, entry }) => {
    const image: GeneratedImage = {};
    const url = entry.secure_url ?? entry.url ?? key;
    if (url !== undefined) image.url = url;
    for (const name of ["width", "height", "bytes", "x", "y"] as const) {
      const value = entry[name];
      if (typeof value === "number") image[name] = value;
    }
    return image;
  });
}
