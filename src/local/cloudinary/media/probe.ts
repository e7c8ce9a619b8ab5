import sharp from "sharp";
import type { ResourceType } from "../store/state.ts";
import { readMp4 } from "./mp4.ts";
import { readWebm } from "./webm.ts";

/** What the API tells about a file, found in its bytes. */
export interface Facts {
  resource_type: ResourceType;
  format: string;
  width?: number;
  height?: number;
  pages?: number;
  duration?: number;
  frame_rate?: number;
  nb_frames?: number;
}

const imageFormats: Readonly<Record<string, string>> = { jpeg: "jpg", heif: "avif" };

/** `raw` for everything that is neither a picture nor a video; the name's extension is its format then. */
export async function probe(bytes: Uint8Array, fileName: string): Promise<Facts> {
  return (
    videoFacts(bytes, fileName) ??
    (await imageFacts(bytes)) ?? { resource_type: "raw", format: extension(fileName) }
  );
}

function videoFacts(bytes: Uint8Array, fileName: string): Facts | null {
  const webm = readWebm(bytes);
  if (webm !== null) {
    const duration = webm.durationMs / 1_000;
    const format = extension(fileName) === "mp4" ? "mp4" : "webm";
    const { width, height } = webm;
    const nb_frames = webm.frames.length;
    return {
      resource_type: "video",
      format,
      width,
      height,
      duration,
      nb_frames,
      frame_rate: duration > 0 ? nb_frames / duration : 0,
    };
  }
  const mp4 = readMp4(bytes);
  if (mp4 !== null) {
    const format = extension(fileName) === "mov" ? "mov" : "mp4";
    return {
      resource_type: "video",
      format,
      width: mp4.width,
      height: mp4.height,
      duration: mp4.durationMs / 1_000,
    };
  }
  return isForeignWebm(bytes) ? { resource_type: "video", format: "webm", duration: 0 } : null;
}

const isForeignWebm = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 4)).toString("hex") === "1a45dfa3";

async function imageFacts(bytes: Uint8Array): Promise<Facts | null> {
  try {
    const { width, height, pages, format, pageHeight } = await sharp(bytes).metadata();
    return {
      resource_type: "image",
      format: imageFormats[format] ?? format,
      width,
      height: pageHeight ?? height,
      ...(pages === undefined ? {} : { pages }),
    };
  } catch {
    // Not a picture; sharp has no question form.
    return null;
  }
}

export const extension = (fileName: string): string =>
  /\.([A-Za-z0-9]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? "";
