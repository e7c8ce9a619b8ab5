import { z } from "zod";

const accessRule = z.object({
  access_type: z.enum(["anonymous", "token"]),
  start: z.string().optional(),
  end: z.string().optional(),
});
export type AccessRule = z.infer<typeof accessRule>;

const moderation = z.object({
  kind: z.string(),
  status: z.enum(["queued", "pending", "approved", "rejected", "aborted"]),
  response: z.json().optional(),
  updated_at: z.string().optional(),
});
export type Moderation = z.infer<typeof moderation>;

/** One generated variant; its bytes lie beside the original's. */
const derived = z.object({
  id: z.string(),
  transformation: z.string(),
  format: z.string(),
  width: z.number().optional(),
  height: z.number().optional(),
  bytes: z.number(),
  file: z.string(),
});
export type Derived = z.infer<typeof derived>;

const asset = z.object({
  asset_id: z.string(),
  /** The order in which assets were created; lists and their cursors go by it. */
  serial: z.number(),
  public_id: z.string(),
  resource_type: z.enum(["image", "video", "raw"]),
  type: z.string(),
  version: z.number(),
  version_id: z.string(),
  format: z.string(),
  width: z.number().optional(),
  height: z.number().optional(),
  pages: z.number().optional(),
  duration: z.number().optional(),
  frame_rate: z.number().optional(),
  nb_frames: z.number().optional(),
  bytes: z.number(),
  etag: z.string(),
  created_at: z.string(),
  uploaded_at: z.string(),
  original_filename: z.string(),
  asset_folder: z.string(),
  display_name: z.string(),
  tags: z.array(z.string()),
  context: z.record(z.string(), z.string()),
  metadata: z.record(z.string(), z.json()),
  access_control: z.array(accessRule).nullable(),
  moderation: z.array(moderation),
  /** The URL of the call that asked for moderation; results of add-ons go there. */
  moderation_notification_url: z.string().nullable(),
  derived: z.array(derived),
  /** Name of the file under `files/`. */
  file: z.string(),
});
export type Asset = z.infer<typeof asset>;
export type ResourceType = Asset["resource_type"];

const preset = z.object({
  name: z.string(),
  unsigned: z.boolean(),
  settings: z.record(z.string(), z.string()),
  external_id: z.string(),
});
export type Preset = z.infer<typeof preset>;

const trigger = z.object({
  id: z.string(),
  uri: z.string(),
  event_type: z.string(),
  additive: z.boolean(),
  auth_scheme: z.enum(["legacy_hmac", "eddsa_v2", "default"]),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Trigger = z.infer<typeof trigger>;

/** Work that is due later. Stored, so that a restart in between loses nothing. */
const job = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("notify"),
    url: z.string(),
    body: z.string(),
    auth_scheme: trigger.shape.auth_scheme,
    attempt: z.number(),
  }),
  z.object({
    kind: z.literal("eager"),
    asset_id: z.string(),
    version: z.number(),
    transformations: z.array(z.string()),
    batch_id: z.string(),
    request_id: z.string(),
    notification_url: z.string().nullable(),
  }),
  z.object({ kind: z.literal("moderate"), asset_id: z.string(), version: z.number() }),
  z.object({
    kind: z.literal("remove-background"),
    asset_id: z.string(),
    version: z.number(),
    notification_url: z.string().nullable(),
  }),
  z.object({
    kind: z.literal("explode"),
    asset_id: z.string(),
    version: z.number(),
    transformation: z.string(),
    format: z.string(),
    batch_id: z.string(),
    notification_url: z.string().nullable(),
  }),
  z.object({
    kind: z.literal("event"),
    type: z.string(),
    body: z.record(z.string(), z.json()),
    notification_url: z.string().nullable(),
  }),
  z.object({
    kind: z.literal("slideshow"),
    public_id: z.string(),
    manifest: z.string(),
    batch_id: z.string(),
    upload: z.record(z.string(), z.string()),
  }),
]);
export type Job = z.infer<typeof job>;
export type JobOf<Kind extends Job["kind"]> = Extract<Job, { kind: Kind }>;

const scheduled = z.object({ id: z.string(), due_at: z.number(), job });
export type Scheduled = z.infer<typeof scheduled>;

/** Everything the stand-in remembers, as it stands in `state.json`. */
export const stateSchema = z.object({
  assets: z.array(asset),
  presets: z.array(preset),
  triggers: z.array(trigger),
  metadata_fields: z.array(z.record(z.string(), z.json())),
  jobs: z.array(scheduled),
});
export type State = z.infer<typeof stateSchema>;

export const emptyState = (): State => ({
  assets: [],
  presets: [],
  triggers: [],
  metadata_fields: [],
  jobs: [],
});
