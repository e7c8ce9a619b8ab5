import { effect } from "./effects.ts";
import { dressed, type FindLayer, faded, layerOf, overlay } from "./layer.ts";
import { type Frame, frameOf, type Picture, sharpOf } from "./picture.ts";
import { colour, resize } from "./size.ts";
import { numberOf, type Step } from "./transformation.ts";

/** Applies a chain of transformations, step by step, to every frame. */
export async function apply(picture: Picture, steps: readonly Step[], find: FindLayer): Promise<Picture> {
  let done = picture;
  for (let at = 0; at < steps.length; at += 1) {
    const step = steps[at];
    if (step === undefined) break;
    if (!step.has("l")) {
      done = await each(done, (frame) => adjust(frame, step));
      continue;
    }
    const closing = steps.findIndex(
      (later, index) => index > at && later.get("fl")?.split(".").includes("layer_apply"),
    );
    const layer = await layerOf(step, find);
    if (closing === -1) {
      const ready = await dressed(layer, step);
      done = await each(done, (frame) => overlay(frame, ready, step));
    } else {
      const [ready] = await apply([await dressed(layer, step)], steps.slice(at + 1, closing), find);
      const place = steps[closing];
      if (ready !== undefined && place !== undefined)
        done = await each(done, (frame) => overlay(frame, ready, place));
      at = closing;
    }
  }
  return done;
}

async function adjust(frame: Frame, step: Step): Promise<Frame> {
  let done = await resize(frame, step);
  const { delayMs } = frame;
  const turn = step.get("a");
  if (turn === "hflip") done = await frameOf(sharpOf(done).flop(), delayMs);
  else if (turn === "vflip") done = await frameOf(sharpOf(done).flip(), delayMs);
  else if (turn !== undefined && turn !== "exif") {
    const background = colour(step.get("b")) ?? "#ffffff00";
    done = await frameOf(sharpOf(done).rotate(numberOf(step, "a") ?? 0, { background }), delayMs);
  }
  const wanted = step.get("e");
  if (wanted !== undefined) done = await effect(done, wanted);
  const radius = step.get("r");
  if (radius !== undefined) done = await rounded(done, radius);
  done = faded(done, numberOf(step, "o"));
  const background = colour(step.get("b"));
  if (background !== undefined) done = await frameOf(sharpOf(done).flatten({ background }), delayMs);
  return done;
}

function rounded(frame: Frame, radius: string): Promise<Frame> {
  const { width, height } = frame;
  const maxRadius = Math.min(width, height) / 2;
  const corner = radius === "max" ? maxRadius : Math.min(Number.parseInt(radius, 10) || 0, maxRadius);
  const mask = `<svg width="${width}" height="${height}"><rect width="${width}" height="${height}" rx="${corner}"/></svg>`;
  return frameOf(sharpOf(frame).composite([{ input: Buffer.from(mask), blend: "dest-in" }]), frame.delayMs);
}

/** Sequential: processing the frames of a video in parallel would need too much memory. */
async function each(picture: Picture, change: (frame: Frame) => Promise<Frame>): Promise<Picture> {
  const changed: Picture = [];
  for (const frame of picture) changed.push(await change(frame));
  return changed;
}
