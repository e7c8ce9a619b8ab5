import { createHash, randomBytes } from "node:crypto";

export const simulatedTypes = ["upload", "eager", "moderation", "delete"] as const;
export type SimulatedType = (typeof simulatedTypes)[number];

export const isSimulatedType = (name: string): name is SimulatedType =>
  simulatedTypes.some((type) => type === name);

export interface SimulationOptions {
  cloudName: string;
  apiKey: string;
  now: Date;
}

/** The product of all simulated notifications; the public id contains its SKU. */
export const simulatedPublicId = "products/VASE-1/main";

export interface Simulated {
  type: SimulatedType;
  body: string;
}

/**
 * The notifications that Cloudinary would send at the time `now`, in order; each call generates new request and batch ids. A decision
 * is preceded by its upload, so that handlers do not ask Cloudinary about an asset that does not exist.
 */
export function simulation(type: SimulatedType, options: SimulationOptions): Simulated[] {
  const types: SimulatedType[] = type === "moderation" ? ["upload", "moderation"] : [type];
  return types.map((name) => ({ type: name, body: bodyOf(name, options) }));
}

function bodyOf(type: SimulatedType, options: SimulationOptions): string {
  const bodies = { upload, eager, moderation, delete: deleted };
  const fields = bodies[type](options);
  const context = {
    notification_context: {
      triggered_at: options.now.toISOString().replace("Z", "000Z"),
      triggered_by: { source: "api", id: options.apiKey },
    },
    signature_key: options.apiKey,
  };
  return JSON.stringify({ notification_type: type, ...fields, ...context });
}

function upload({ cloudName, now }: SimulationOptions) {
  const version = versionAt(now);
  return {
    timestamp: offsetTime(now),
    request_id: hexId(),
    ...asset(cloudName),
    version,
    version_id: hexId(),
    width: 1600,
    height: 2000,
    format: "jpg",
    resource_type: "image",
    created_at: time(now),
    tags: [],
    bytes: 412_316,
    type: "upload",
    etag: hexId(),
    placeholder: false,
    access_mode: "public",
    ...urls(`${cloudName}/image/upload/v${version}/${simulatedPublicId}.jpg`),
    asset_folder: "products/VASE-1",
    display_name: "main",
    original_filename: "vase",
  };
}

/** A square with a watermark, as requested by an upload with `eager_async`. */
function eager({ cloudName, now }: SimulationOptions) {
  const transformation = "c_fill,g_auto,h_800,w_800/l_shop:mark,g_south_east,o_60,w_160,x_24,y_24";
  return {
    timestamp: offsetTime(now),
    request_id: hexId(),
    eager: [
      {
        transformation,
        width: 800,
        height: 800,
        bytes: 88_214,
        format: "jpg",
        ...urls(`${cloudName}/image/upload/${transformation}/v${versionAt(now)}/${simulatedPublicId}.jpg`),
      },
    ],
    batch_id: randomBytes(32).toString("hex"),
    ...asset(cloudName),
  };
}

/** A manual approval of a picture that was already public. */
function moderation({ cloudName, now }: SimulationOptions) {
  const version = versionAt(now);
  return {
    moderation_response: {},
    moderation_status: "approved",
    moderation_kind: "manual",
    moderation_updated_at: time(now),
    ...asset(cloudName),
    uploaded_at: time(new Date(now.getTime() - 60_000)),
    version,
    ...urls(`${cloudName}/image/upload/v${version}/${simulatedPublicId}.jpg`),
    etag: hexId(),
  };
}

function deleted({ cloudName, now }: SimulationOptions) {
  return {
    resources: [
      {
        resource_type: "image",
        type: "upload",
        ...asset(cloudName),
        version: versionAt(now),
        asset_folder: "products/VASE-1",
        display_name: "main",
      },
    ],
  };
}

/** The same asset in every call, because an asset keeps its id for all versions. */
function asset(cloudName: string) {
  const asset_id = createHash("md5").update(`${cloudName}/${simulatedPublicId}`).digest("hex");
  return { asset_id, public_id: simulatedPublicId };
}

function urls(path: string) {
  return { url: `http://res.cloudinary.com/${path}`, secure_url: `https://res.cloudinary.com/${path}` };
}

const versionAt = (at: Date): number => Math.floor(at.getTime() / 1_000);
const time = (at: Date): string => at.toISOString().replace(/\.\d+Z$/, "Z");
const offsetTime = (at: Date): string => time(at).replace("Z", "+00:00");
const hexId = (): string => randomBytes(16).toString("hex");
