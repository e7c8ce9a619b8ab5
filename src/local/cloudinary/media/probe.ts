import sharp from "sharp";
import type { ResourceType } from "../store/state.ts";
import { readMp4 } from "./mp4.ts";
import { readWebm } from "./webm.ts";

/** What the API reports about a file, read from its bytes. */
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

const imageFormats: Readonly<Record<string, string>> = { jpeg: "jpg", heif: "avif", tiff: "tiff" };

/** `raw` for any file that is neither a picture nor a video; its format is then the file extension. */
export async function probe(bytes: Uint8Array, fileName: string): Promise<Facts> {
  return (
    videoFacts(bytes, fileName) ??
    (await imageFacts(bytes)) ??
    headerFacts(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)) ?? {
      resource_type: "raw",
      format: extension(fileName),
    }
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
    // Not a picture: sharp reports that only by throwing.
    return null;
  }
}

/**
 * sharp does not read ICO and BMP. They are recognized by their headers, stored and delivered, but never transformed.
 */
function headerFacts(bytes: Buffer): Facts | null {
  if (bytes.length > 22 && bytes.readUInt32LE(0) === 0x00010000 && bytes.readUInt16LE(4) > 0) {
    // In an ICO header, 0 means 256.
    const [width = 0, height = 0] = bytes.subarray(6, 8);
    return { resource_type: "image", format: "ico", width: width || 256, height: height || 256 };
  }
  if (bytes.length > 26 && bytes.toString("latin1", 0, 2) === "BM") {
    const height = Math.abs(bytes.readInt32LE(22));
    return { resource_type: "image", format: "bmp", width: bytes.readInt32LE(18), height };
  }
  return null;
}

export const extension = (fileName: string): string =>
  /\.([A-Za-z0-9]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? "";
