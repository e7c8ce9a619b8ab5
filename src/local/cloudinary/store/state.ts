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

/** One generated variant; its bytes are stored beside the original's. */
const derived = z.object({
  id: z.string(),
  transformation: z.string(),
  /** The eager parameter that requested it, if that names a format (`w_100/jpg`). */
  asked: z.string().optional(),
  format: z.string(),
  width: z.number().optional(),
  height: z.number().optional(),
  bytes: z.number(),
  file: z.string(),
});
export type Derived = z.infer<typeof derived>;

/** Stored versions (`backup`), one entry per upload. */
const version = z.object({
  version_id: z.string(),
  version: z.number(),
  format: z.string(),
  bytes: z.number(),
  etag: z.string(),
  created_at: z.string(),
  width: z.number().optional(),
  height: z.number().optional(),
  file: z.string(),
});
export type Version = z.infer<typeof version>;

const coordinates = z.array(z.array(z.number()));

const asset = z.object({
  asset_id: z.string(),
  /** The creation order, which lists and their cursors use. */
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
  access_mode: z.enum(["public", "authenticated"]).default("public"),
  /** Deleted, but a backup exists: listed without bytes until it is restored. */
  placeholder: z.boolean().default(false),
  versions: z.array(version).default([]),
  face_coordinates: coordinates.optional(),
  custom_coordinates: coordinates.optional(),
  /** Asset ids. */
  related: z.array(z.string()).default([]),
  /** Time of the last change. */
  updated_at: z.string().optional(),
  moderation: z.array(moderation),
  /** The notification URL of the call that requested moderation; add-on results are sent there. */
  moderation_notification_url: z.string().nullable(),
  /** Status of the add-on that replaces the picture. */
  background_removal: z.enum(["pending", "complete"]).optional(),
  derived: z.array(derived),
  /** File name under `files/`. */
  file: z.string(),
});
export type Asset = z.infer<typeof asset>;
export type ResourceType = Asset["resource_type"];

/** An asset's identity in API calls. */
export type Name = Pick<Asset, "resource_type" | "type" | "public_id">;

const preset = z.object({
  name: z.string(),
  unsigned: z.boolean(),
  settings: z.record(z.string(), z.json()),
  external_id: z.string(),
});
export type Preset = z.infer<typeof preset>;

const trigger = z.object({
  id: z.string(),
  uri_type: z.enum(["webhook", "flow", "poll"]).default("webhook"),
  uri: z.string(),
  event_type: z.string(),
  additive: z.boolean(),
  auth_scheme: z.enum(["legacy_hmac", "eddsa_v2", "default"]),
  /** JSONLogic, as JSON text. */
  filter: z.string().optional(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Trigger = z.infer<typeof trigger>;

const datasourceValue = z.object({
  external_id: z.string(),
  value: z.string(),
  state: z.enum(["active", "inactive"]),
});
export type DatasourceValue = z.infer<typeof datasourceValue>;

/** The definition of a structured metadata field. */
const metadataField = z.object({
  external_id: z.string(),
  type: z.enum(["string", "integer", "date", "enum", "set"]),
  label: z.string(),
  mandatory: z.boolean(),
  default_value: z.json(),
  validation: z.json(),
  restrictions: z.json().optional(),
  default_disabled: z.boolean().default(false),
  allow_dynamic_list_values: z.boolean().default(false),
  datasource: z.object({ values: z.array(datasourceValue) }).optional(),
  created_at: z.string().default(""),
});
export type MetadataField = z.infer<typeof metadataField>;

/** A notification that can be polled. */
const message = z.object({
  id: z.string(),
  /** The `channel` of a trigger's `poll://channel`, or the call's `batch_id`. */
  channel: z.string().nullable(),
  batch_id: z.string().nullable(),
  body: z.string(),
  /** Invisible to other callers until this time, in milliseconds. Each claim has its own handle. */
  claimed: z.object({ handle: z.string(), until: z.number() }).nullable(),
});
export type Message = z.infer<typeof message>;

/** A scheduled job. Stored, so that a restart loses nothing. */
const job = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("notify"),
    url: z.string(),
    body: z.string(),
    auth_scheme: trigger.shape.auth_scheme,
    attempt: z.number(),
    /** Simulated fault: sign with a wrong secret. */
    tampered: z.boolean().default(false),
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
    kind: z.literal("upload"),
    fields: z.array(z.tuple([z.string(), z.union([z.string(), z.array(z.string())])])),
    /** The bytes uploaded with the call, under `files/`. */
    file: z.string().nullable(),
    file_name: z.string(),
    resource_type: z.string(),
    unsigned: z.boolean(),
    batch_id: z.string(),
  }),
  z.object({
    kind: z.literal("archive"),
    fields: z.array(z.tuple([z.string(), z.union([z.string(), z.array(z.string())])])),
    resource_type: z.string(),
    batch_id: z.string(),
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

/** Increase this when an asset's shape changes. A state with the current number skips validation. */
export const assetsFormat = 2;

/** The emulator's whole state, as stored in `state.json`. */
export const stateSchema = z.object({
  assets_format: z.number().optional(),
  assets: z.array(asset),
  presets: z.array(preset),
  triggers: z.array(trigger),
  metadata_fields: z.array(metadataField),
  /** Ids of deleted fields, which cannot be reused. */
  retired_field_ids: z.array(z.string()).default([]),
  /** Folders that were created explicitly, with or without assets. */
  folders: z.array(z.string()).default([]),
  messages: z.array(message).default([]),
  jobs: z.array(scheduled),
});
export type State = z.infer<typeof stateSchema>;

/**
 * Skips asset validation for a state of the current version: validating 10,000 assets would take most of the start-up
 * time.
 */
export const trustedStateSchema = stateSchema.extend({ assets: z.array(z.custom<Asset>()) });

export const emptyState = (): State => ({
  assets_format: assetsFormat,
  assets: [],
  presets: [],
  triggers: [],
  metadata_fields: [],
  retired_field_ids: [],
  folders: [],
  messages: [],
  jobs: [],
});
