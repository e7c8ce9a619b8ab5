import sharp, { type Sharp } from "sharp";
import { notEmulated } from "../api-error.ts";
import { readWebm, vp8OfWebp, webpOfVp8, writeWebm } from "./webm.ts";

/** One still image: RGBA, row by row. */
export interface Frame {
  data: Buffer;
  width: number;
  height: number;
  delayMs: number;
}

/** The input of transformations: one frame for a still, several for an animation or a video. */
export type Picture = Frame[];

const maxFrames = 300;
const defaultDelayMs = 100;

export const videoFormats = new Set(["mp4", "webm", "mov", "ogv"]);

/** Returns null if sharp cannot read the bytes. `page` (from 1) selects one page of an animation. */
export async function decode(bytes: Uint8Array, page?: number): Promise<Picture | null> {
  const video = readWebm(bytes);
  if (video !== null) return decodeVideo(video);
  try {
    const { pages = 1, delay = [] } = await sharp(bytes).metadata();
    const wanted = page === undefined ? range(Math.min(pages, maxFrames)) : [Math.min(page, pages) - 1];
    return await Promise.all(
      wanted.map((at) => frameOf(sharp(bytes, { page: at }), delay[at] ?? defaultDelayMs)),
    );
  } catch {
    // sharp rejects unreadable bytes with many different messages; the caller reports the API's own.
    return null;
  }
}

async function decodeVideo(video: NonNullable<ReturnType<typeof readWebm>>): Promise<Picture> {
  const ends = [...video.frames.slice(1).map((frame) => frame.atMs), video.durationMs];
  return Promise.all(
    video.frames
      .slice(0, maxFrames)
      .map((frame, at) =>
        frameOf(sharp(webpOfVp8(frame.data)), Math.max(1, (ends[at] ?? frame.atMs) - frame.atMs)),
      ),
  );
}

export async function frameOf(image: Sharp, delayMs = defaultDelayMs): Promise<Frame> {
  const { data, info } = await image
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, delayMs };
}

export const sharpOf = (frame: Frame): Sharp =>
  sharp(frame.data, { raw: { width: frame.width, height: frame.height, channels: 4 } });

/** Encodes the picture in a format; throws 501 for a format that cannot be written here. */
export async function encode(picture: Picture, format: string, quality?: number): Promise<Buffer> {
  if (videoFormats.has(format)) return encodeVideo(picture, quality);
  const animated = picture.length > 1 && (format === "gif" || format === "webp");
  const image = animated ? await joined(picture) : sharpOf(first(picture));
  const delay = animated ? { delay: picture.map((frame) => Math.round(frame.delayMs)), loop: 0 } : {};
  switch (format) {
    case "jpg":
    case "jpeg":
      return image
        .flatten({ background: "white" })
        .jpeg({ quality: quality ?? 85 })
        .toBuffer();
    case "png":
      return image.png().toBuffer();
    case "webp":
      return image.webp({ quality: quality ?? 80, ...delay }).toBuffer();
    case "avif":
      return image.avif({ quality: quality ?? 50, effort: 1 }).toBuffer();
    case "tiff":
    case "tif":
      return image.tiff().toBuffer();
    case "gif":
      return image.gif({ effort: 1, ...delay }).toBuffer();
    default:
      throw notEmulated(`files of the format ${format}`);
  }
}

async function joined(picture: Picture): Promise<Sharp> {
  const { width, height } = first(picture);
  const frames = await Promise.all(
    picture.map((frame) => sharpOf(frame).resize(width, height, { fit: "fill" }).png().toBuffer()),
  );
  return sharp(frames, { join: { animated: true } });
}

async function encodeVideo(picture: Picture, quality = 75): Promise<Buffer> {
  const { width, height } = first(picture);
  const frames: { data: Buffer; atMs: number }[] = [];
  let atMs = 0;
  for (const frame of picture) {
    const webp = await sharpOf(frame)
      .resize(width, height, { fit: "fill" })
      .flatten({ background: "black" })
      .webp({ quality, effort: 2 })
      .toBuffer();
    frames.push({ data: vp8OfWebp(webp), atMs });
    atMs += frame.delayMs;
  }
  return writeWebm({ width, height, durationMs: atMs, frames });
}

export function first(picture: Picture): Frame {
  const [frame] = picture;
  if (frame === undefined) throw new Error("A picture has at least one frame.");
  return frame;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
