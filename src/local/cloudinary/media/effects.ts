import { notEmulated } from "../api-error.ts";
import { type Frame, frameOf, sharpOf } from "./picture.ts";

/** The `e_` effects that the demo flows and their previews use. */
export async function effect(frame: Frame, wanted: string): Promise<Frame> {
  const [name = "", level] = wanted.split(":");
  const { delayMs } = frame;
  switch (name) {
    case "blur":
      // Cloudinary's strength goes to 2000; sharp takes a radius in pixels.
      return frameOf(sharpOf(frame).blur(Math.max(0.3, Number(level ?? 100) / 50)), delayMs);
    case "grayscale":
      return frameOf(sharpOf(frame).grayscale(), delayMs);
    case "negate":
      return frameOf(sharpOf(frame).negate({ alpha: false }), delayMs);
    case "sharpen":
      return frameOf(sharpOf(frame).sharpen(), delayMs);
    case "brightness":
      return frameOf(sharpOf(frame).modulate({ brightness: 1 + Number(level ?? 80) / 100 }), delayMs);
    case "saturation":
      return frameOf(sharpOf(frame).modulate({ saturation: 1 + Number(level ?? 80) / 100 }), delayMs);
    case "pixelate":
      return pixelated(frame, Number(level ?? 5));
    case "background_removal":
      return withoutBackground(frame);
    default:
      throw notEmulated(`the effect e_${name}`);
  }
}

async function pixelated(frame: Frame, block: number): Promise<Frame> {
  const width = Math.max(1, Math.round(frame.width / block));
  const small = await frameOf(sharpOf(frame).resize(width));
  return frameOf(
    sharpOf(small).resize(frame.width, frame.height, { fit: "fill", kernel: "nearest" }),
    frame.delayMs,
  );
}

/** Makes every color close to that of the top left pixel transparent. Enough for the drawn samples. */
export async function withoutBackground(frame: Frame): Promise<Frame> {
  const data = Buffer.from(frame.data);
  const corner = [data.readUInt8(0), data.readUInt8(1), data.readUInt8(2)];
  for (let at = 0; at < data.length; at += 4) {
    const distance = corner.reduce(
      (sum, value, channel) => sum + Math.abs(value - data.readUInt8(at + channel)),
      0,
    );
    if (distance < 60) data[at + 3] = 0;
  }
  return { ...frame, data };
}
