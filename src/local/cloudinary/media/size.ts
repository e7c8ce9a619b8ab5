import sharp from "sharp";
import { notEmulated } from "../api-error.ts";
import { type Frame, frameOf, sharpOf } from "./picture.ts";
import { compass, placed, type Size } from "./placement.ts";
import { BadTransformation, numberOf, type Step } from "./transformation.ts";

const maxPixels = 50_000_000;

const crops = [
  "scale",
  "fit",
  "limit",
  "mfit",
  "fill",
  "lfill",
  "thumb",
  "crop",
  "pad",
  "lpad",
  "mpad",
] as const;
type Crop = (typeof crops)[number];

/** Resizes and crops as the step says. Does nothing without a width, height or aspect ratio. */
export async function resize(frame: Frame, step: Step): Promise<Frame> {
  const wanted = wantedSize(frame, step);
  if (wanted === null) return frame;
  const { width, height } = wanted;
  if (width * height > maxPixels) throw new BadTransformation("Maximum image size is 50 megapixels");
  const image = sharpOf(frame);
  const crop = cropOf(step);
  const smaller = width <= frame.width && height <= frame.height;
  switch (crop) {
    case "scale":
      return frameOf(image.resize(width, height, { fit: "fill" }), frame.delayMs);
    case "fit":
      return frameOf(image.resize(width, height, { fit: "inside" }), frame.delayMs);
    case "limit":
      return frameOf(image.resize(width, height, { fit: "inside", withoutEnlargement: true }), frame.delayMs);
    case "mfit":
      return smaller ? frame : frameOf(image.resize(width, height, { fit: "inside" }), frame.delayMs);
    case "fill":
    case "thumb":
      return frameOf(image.resize(width, height, { fit: "cover", position: position(step) }), frame.delayMs);
    case "lfill":
      return frameOf(
        image.resize(Math.min(width, frame.width), Math.min(height, frame.height), {
          fit: "cover",
          position: position(step),
        }),
        frame.delayMs,
      );
    case "crop":
      return cut(frame, wanted, step);
    case "pad":
    case "lpad":
    case "mpad":
      return pad(frame, wanted, { step, crop });
    default:
      return crop satisfies never;
  }
}

function cropOf(step: Step): Crop {
  const name = step.get("c") ?? "scale";
  const crop = crops.find((known) => known === name);
  if (["auto", "auto_pad", "fill_pad", "imagga_crop", "imagga_scale"].includes(name))
    throw notEmulated(`the crop mode c_${name}`);
  if (crop === undefined) throw new BadTransformation(`Invalid crop mode: ${name}`);
  return crop;
}

/** A value below 1, or written as `1.0`, is relative to the picture's own size. */
function wantedSize(frame: Frame, step: Step): { width: number; height: number } | null {
  const dpr = numberOf(step, "dpr") ?? 1;
  const along = (key: "w" | "h", own: number): number | undefined => {
    const value = step.get(key) === "auto" ? undefined : numberOf(step, key);
    if (value === undefined) return undefined;
    if (value <= 0)
      throw new BadTransformation(`Invalid ${key === "w" ? "width" : "height"} in transformation: ${value}`);
    return (value < 1 || step.get(key) === "1.0" ? value * own : value) * dpr;
  };
  const width = along("w", frame.width);
  const height = along("h", frame.height);
  const ratio = ratioOf(step.get("ar")) ?? frame.width / frame.height;
  if (width === undefined && height === undefined) {
    return step.has("ar") ? whole(Math.min(frame.width, frame.height * ratio), ratio) : null;
  }
  if (width !== undefined && height !== undefined)
    return { width: Math.round(width), height: Math.max(1, Math.round(height)) };
  return whole(width ?? (height ?? 1) * ratio, ratio);
}

const whole = (width: number, ratio: number): { width: number; height: number } => ({
  width: Math.max(1, Math.round(width)),
  height: Math.max(1, Math.round(width / ratio)),
});

function ratioOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [above = 0, below = 1] = text.split(":").map(Number);
  if (!(above / below > 0)) throw new BadTransformation(`Invalid aspect ratio: ${text}`);
  return above / below;
}

/** Without face detection, faces and "auto" use the area with the most detail. */
function position(step: Step): string | number {
  const gravity = step.get("g") ?? "center";
  if (/^(auto|face|faces)\b/.test(gravity)) return sharp.strategy.attention;
  const { right, down } = compass(gravity);
  return (
    [
      ["left top", "top", "right top"],
      ["left", "center", "right"],
      ["left bottom", "bottom", "right bottom"],
    ][down + 1]?.[right + 1] ?? "center"
  );
}

function cut(frame: Frame, wanted: Size, step: Step): Promise<Frame> {
  const width = Math.min(wanted.width, frame.width);
  const height = Math.min(wanted.height, frame.height);
  const at =
    !step.has("g") && (step.has("x") || step.has("y")) ? new Map([...step, ["g", "north_west"]]) : step;
  const { left, top } = placed({ width, height }, frame, at);
  const inside = (value: number, max: number): number => Math.min(Math.max(0, value), max);
  const region = {
    left: inside(left, frame.width - width),
    top: inside(top, frame.height - height),
    width,
    height,
  };
  return frameOf(sharpOf(frame).extract(region), frame.delayMs);
}

async function pad(
  frame: Frame,
  wanted: Size,
  how: { step: Step; crop: "pad" | "lpad" | "mpad" },
): Promise<Frame> {
  const isSmaller = frame.width <= wanted.width && frame.height <= wanted.height;
  const fits = how.crop !== "pad" && isSmaller;
  const inner = fits
    ? frame
    : await frameOf(sharpOf(frame).resize(wanted.width, wanted.height, { fit: "inside" }), frame.delayMs);
  const { left, top } = placed(inner, wanted, how.step);
  const canvas = sharp({
    create: { ...wanted, channels: 4, background: colour(how.step.get("b")) ?? "#ffffff00" },
  });
  return frameOf(
    canvas.composite([{ ...rawInput(inner), left: Math.max(0, left), top: Math.max(0, top) }]),
    frame.delayMs,
  );
}

export const rawInput = (frame: Frame) => ({
  input: frame.data,
  raw: { width: frame.width, height: frame.height, channels: 4 as const },
});

/** `red`, `rgb:ff0000`; `auto` and similar values fall back to the default. */
export function colour(text: string | undefined): string | undefined {
  if (text === undefined || text.startsWith("auto")) return undefined;
  const hex = /^rgb:([0-9a-fA-F]{3,8})$/.exec(text)?.[1];
  if (hex !== undefined) return `#${hex}`;
  if (!/^[a-z]+$/.test(text)) throw new BadTransformation(`Invalid color: ${text}`);
  return text;
}
