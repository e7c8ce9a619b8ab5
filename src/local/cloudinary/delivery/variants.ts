import sharp from "sharp";
import { notFound } from "../api-error.ts";
import { apply } from "../media/apply.ts";
import { decode, encode, first, frameOf, type Picture, videoFormats } from "../media/picture.ts";
import {
  BadTransformation,
  formatIn,
  pageIn,
  parseTransformation,
  qualityIn,
} from "../media/transformation.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, Derived } from "../store/state.ts";
import { newId } from "../store/store.ts";

/** Splits an eager parameter such as `w_100/jpg`: the part after the last slash is the format. */
export function splitEager(text: string): { transformation: string; format: string | undefined } {
  const at = text.lastIndexOf("/");
  const tail = text.slice(at + 1);
  if (at === -1 && /^[a-z0-9]+$/.test(tail)) return { transformation: "", format: tail };
  if (at === -1 || tail.includes("_")) return { transformation: text, format: undefined };
  return { transformation: text.slice(0, at), format: tail };
}

interface Wanted {
  transformation: string;
  /** The eager parameter, if it names the format. */
  asked?: string;
  format: string;
}

/** Returns the variant, generating it on first use. Throws `BadTransformation` if it cannot be made. */
export async function variant(cloud: Cloud, asset: Asset, wanted: Wanted): Promise<Derived> {
  const made = find(asset, wanted);
  if (made !== undefined)
    return Object.assign(made, wanted.asked === undefined ? {} : { asked: wanted.asked });
  const key = JSON.stringify([asset.version_id, asset.etag, wanted.transformation, wanted.format]);
  const making =
    inTheMaking.get(key) ?? makeAndKeep(cloud, asset, wanted).finally(() => inTheMaking.delete(key));
  inTheMaking.set(key, making);
  return making;
}

/** Concurrent requests for the same variant share one generation. */
const inTheMaking = new Map<string, Promise<Derived>>();

const find = (asset: Asset, wanted: Wanted): Derived | undefined =>
  asset.derived.find(
    (variant) => variant.transformation === wanted.transformation && variant.format === wanted.format,
  );

async function makeAndKeep(cloud: Cloud, asset: Asset, wanted: Wanted): Promise<Derived> {
  const made = await make(cloud, asset, wanted);
  const derived: Derived = {
    id: newId(),
    ...wanted,
    ...(made.size ?? {}),
    bytes: made.bytes.length,
    file: await cloud.store.keep(made.bytes, wanted.format),
  };
  asset.derived.push(derived);
  return derived;
}

interface Made {
  bytes: Buffer;
  size: { width: number; height: number } | null;
}

async function make(cloud: Cloud, asset: Asset, wanted: Wanted): Promise<Made> {
  const steps = parseTransformation(wanted.transformation);
  const original = await cloud.store.read(asset.file);
  const source = await decode(original, pageIn(steps));
  if (source === null && asset.resource_type === "video" && videoFormats.has(wanted.format)) {
    // There is no video decoder, so the file is served unchanged.
    return { bytes: original, size: sizeOf(asset) };
  }
  const picture = await apply(await trimmed(source, asset, wanted.format), steps, (layer) =>
    findLayer(cloud, layer),
  );
  const { width, height } = first(picture);
  return { bytes: await encode(picture, wanted.format, qualityIn(steps)), size: { width, height } };
}

/** A still of a video is its first frame, or a drawn placeholder if the video cannot be decoded. */
async function trimmed(source: Picture | null, asset: Asset, format: string): Promise<Picture> {
  if (source !== null)
    return source.length > 1 && ["jpg", "png", "avif"].includes(format) ? [first(source)] : source;
  if (asset.resource_type !== "video") throw new BadTransformation("Invalid image file");
  return [await card(asset)];
}

function card(asset: Asset) {
  const { width, height } = sizeOf(asset);
  const triangle = `${width * 0.42},${height * 0.35} ${width * 0.42},${height * 0.65} ${width * 0.62},${height * 0.5}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#334"/><polygon points="${triangle}" fill="#fff"/></svg>`;
  return frameOf(sharp(Buffer.from(svg)));
}

const sizeOf = (asset: Asset): { width: number; height: number } => ({
  width: asset.width || 640,
  height: asset.height || 360,
});

async function findLayer(cloud: Cloud, layer: { type: string; public_id: string }): Promise<Picture> {
  const asset = cloud.store.find({ resource_type: "image", ...layer });
  if (asset === undefined) throw notFound(layer.public_id);
  const picture = await decode(await cloud.store.read(asset.file), 1);
  if (picture === null) throw new BadTransformation(`${layer.public_id} is no picture`);
  return picture;
}

/** The format for a URL without an extension: `f_` in the transformation, or the asset's own format. */
export function formatOf(
  asset: Asset,
  wanted: { transformation: string; format: string | undefined },
): string {
  const named = formatIn(parseTransformation(wanted.transformation));
  if (named !== undefined && named !== "auto") return named;
  if (wanted.format !== undefined) return wanted.format;
  return asset.format === "svg" && wanted.transformation !== "" ? "png" : asset.format;
}
