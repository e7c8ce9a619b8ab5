import sharp from "sharp";
import { notEmulated } from "../api-error.ts";
import { type Frame, first, frameOf, type Picture, sharpOf } from "./picture.ts";
import { placed } from "./placement.ts";
import { colour, rawInput, resize } from "./size.ts";
import { numberOf, type Step } from "./transformation.ts";

/** Loads the picture that `l_<type>:<folder>:<name>` names; rejects if there is none. */
export type FindLayer = (layer: { type: string; public_id: string }) => Promise<Picture>;

const deliveryTypes = new Set(["upload", "private", "authenticated"]);

/** Renders the layer of one step, before it is positioned. */
export async function layerOf(step: Step, find: FindLayer): Promise<Frame> {
  const text = step.get("l") ?? "";
  if (text.startsWith("text:")) return textLayer(text, step);
  if (text.startsWith("fetch:") || text.startsWith("video:")) {
    throw notEmulated(`layers of the kind l_${text.split(":")[0]}`);
  }
  const [head = "", ...rest] = decodeURIComponent(text).split(":");
  const named = deliveryTypes.has(head) && rest.length > 0;
  return first(
    await find({
      type: named ? head : "upload",
      public_id: named ? rest.join("/") : [head, ...rest].join("/"),
    }),
  );
}

/** Draws the layer onto each frame and clips it at the edges. */
export async function overlay(base: Frame, layer: Frame, step: Step): Promise<Frame> {
  const { left, top } = placed(layer, base, step);
  const region = {
    left: Math.max(0, -left),
    top: Math.max(0, -top),
    width: Math.min(left + layer.width, base.width) - Math.max(0, left),
    height: Math.min(top + layer.height, base.height) - Math.max(0, top),
  };
  if (region.width <= 0 || region.height <= 0) return base;
  const visible = await frameOf(sharpOf(layer).extract(region));
  const composed = sharpOf(base).composite([
    { ...rawInput(visible), left: Math.max(0, left), top: Math.max(0, top) },
  ]);
  return frameOf(composed, base.delayMs);
}

/** The size and opacity of a layer in a step without `fl_layer_apply`. */
export async function dressed(layer: Frame, step: Step): Promise<Frame> {
  return faded(await resize(layer, step), numberOf(step, "o"));
}

export function faded(frame: Frame, percent: number | undefined): Frame {
  if (percent === undefined || percent >= 100) return frame;
  const data = Buffer.from(frame.data);
  for (let at = 3; at < data.length; at += 4)
    data[at] = Math.round((data.readUInt8(at) * Math.max(0, percent)) / 100);
  return { ...frame, data };
}

/** `text:Arial_40_bold:Hello%20World` */
function textLayer(layer: string, step: Step): Promise<Frame> {
  const [, style = "", ...words] = layer.split(":");
  const size = Number(/_(\d+)/.exec(style)?.[1] ?? 20);
  const family = style.split("_")[0] ?? "sans";
  const weight = style.includes("_bold") ? "bold" : "normal";
  const fill = colour(step.get("co")) ?? "#000000";
  const said = decodeURIComponent(decodeURIComponent(words.join(":")));
  const markup = `<span foreground="${fill}" weight="${weight}">${escaped(said)}</span>`;
  return frameOf(sharp({ text: { text: markup, font: `${family} ${size}`, dpi: 72, rgba: true } }));
}

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
