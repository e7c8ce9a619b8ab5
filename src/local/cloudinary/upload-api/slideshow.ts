import { z } from "zod";
import { ApiError, notFound } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import { faded } from "../media/layer.ts";
import { decode, encode, type Frame, first, frameOf, sharpOf } from "../media/picture.ts";
import { rawInput, resize } from "../media/size.ts";
import { type Params, paramsOf } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, JobOf } from "../store/state.ts";
import { newId } from "../store/store.ts";
import { newBatchId } from "./eager.ts";
import { upload } from "./upload.ts";

/** The supported part of a slideshow manifest; every transition is a fade. */
const manifestSchema = z.object({
  w: z.coerce.number().int().min(16).max(1_920).default(480),
  h: z.coerce.number().int().min(16).max(1_920).default(270),
  /** Maximum duration in seconds. */
  du: z.coerce.number().positive().optional(),
  vars: z.object({
    sdur: z.coerce.number().positive().default(3_000),
    tdur: z.coerce.number().min(0).default(500),
    slides: z
      .array(
        z.object({
          media: z.string(),
          sdur: z.coerce.number().optional(),
          tdur: z.coerce.number().optional(),
        }),
      )
      .min(1),
  }),
});
type Manifest = z.infer<typeof manifestSchema>;

const fadeSteps = 5;

/** `POST /video/create_slideshow`. The SDK removed it in 2.10.1, so callers use plain HTTP. */
export function createSlideshow(cloud: Cloud, params: Params): JsonObject {
  const manifest = params.required("manifest_json");
  for (const slide of parse(manifest).vars.slides) findMedia(cloud, slide.media);
  const public_id = params.text("public_id") ?? newId().slice(0, 20);
  const batch_id = newBatchId();
  const passedOn = ["tags", "notification_url", "overwrite", "context", "metadata"];
  const settings = passedOn.flatMap((name): [string, string][] => {
    const value = params.text(name);
    return value === undefined ? [] : [[name, value]];
  });
  cloud.jobs.schedule(
    { kind: "slideshow", public_id, manifest, batch_id, upload: Object.fromEntries(settings) },
    cloud.delayMs,
  );
  return { status: "processing", public_id, batch_id };
}

/** Stores the finished video and sends an `upload` notification. */
export async function runSlideshow(cloud: Cloud, job: JobOf<"slideshow">): Promise<void> {
  const bytes = await render(cloud, parse(job.manifest));
  const file = new File([new Uint8Array(bytes)], `${job.public_id.split("/").at(-1)}.mp4`);
  const params = paramsOf(new Map(Object.entries({ ...job.upload, public_id: job.public_id })), file);
  await upload(cloud, params, { resourceType: "video", unsigned: false });
}

function parse(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ApiError(400, "Invalid manifest_json", { cause });
  }
  const manifest = manifestSchema.safeParse(value);
  if (!manifest.success) throw new ApiError(400, `Invalid manifest_json: ${z.prettifyError(manifest.error)}`);
  return manifest.data;
}

async function render(cloud: Cloud, manifest: Manifest): Promise<Buffer> {
  const frames: Frame[] = [];
  for (const slide of manifest.vars.slides) {
    const still = await stillOf(cloud, findMedia(cloud, slide.media), manifest);
    const fadeMs = slide.tdur ?? manifest.vars.tdur;
    const before = frames.at(-1);
    if (before !== undefined && fadeMs > 0) frames.push(...(await fade(before, still, fadeMs)));
    frames.push({ ...still, delayMs: slide.sdur ?? manifest.vars.sdur });
  }
  return encode(cutAt(frames, (manifest.du ?? Number.POSITIVE_INFINITY) * 1_000), "mp4");
}

async function fade(from: Frame, to: Frame, ms: number): Promise<Frame[]> {
  return Promise.all(
    Array.from({ length: fadeSteps }, (_, at) => {
      const above = faded(to, (100 * (at + 1)) / (fadeSteps + 1));
      return frameOf(sharpOf(from).composite([rawInput(above)]), ms / fadeSteps);
    }),
  );
}

function cutAt(frames: readonly Frame[], maxMs: number): Frame[] {
  let left = maxMs;
  return frames.flatMap((frame) => {
    const delayMs = Math.min(frame.delayMs, left);
    left -= delayMs;
    return delayMs > 0 ? [{ ...frame, delayMs }] : [];
  });
}

/** `i:folder/picture` or `v:folder/video`; for a video, its first frame. */
function findMedia(cloud: Cloud, media: string): Asset {
  const [, kind = "i", id = media] = /^([iv]):(.+)$/.exec(media) ?? [];
  const resource_type = kind === "v" ? "video" : "image";
  const find = (public_id: string) => cloud.store.find({ resource_type, type: "upload", public_id });
  const asset = find(id) ?? find(id.replaceAll(":", "/"));
  if (asset === undefined) throw notFound(id);
  return asset;
}

async function stillOf(cloud: Cloud, asset: Asset, size: { w: number; h: number }): Promise<Frame> {
  const picture = await decode(await cloud.store.read(asset.file), 1);
  if (picture === null) throw new ApiError(400, `${asset.public_id} cannot be decoded here`);
  const step = new Map([
    ["c", "pad"],
    ["b", "black"],
    ["w", String(size.w)],
    ["h", String(size.h)],
  ]);
  return resize(first(picture), step);
}
