import type { HandlerSettings } from "./handlers/list.ts";
import type { Settings } from "./settings.types.ts";

/**
 * What your team decides. `src/settings.types.ts` explains each setting.
 * Secrets come from the environment (`src/config.ts`).
 */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

export const settings = {
  routes: {
    upload: ["pim", "moderation", "faces"],
    eager: ["email", "chat", "pim"],
    moderation: ["email", "chat", "pim", "moderation"],
    moderation_summary: ["pim", "moderation"],
    error: ["email", "chat"],
    info: ["email", "chat", "moderation"],
    delete: ["pim", "faces"],
    delete_by_token: ["pim", "faces"],
    rename: ["pim", "faces"],
    move: ["pim", "faces"],
    restore_asset_version: ["pim", "faces"],
    access_control_changed: ["pim"],
    resource_tags_changed: ["pim", "faces"],
    resource_context_changed: ["pim"],
    resource_metadata_changed: ["pim"],
    resource_display_name_changed: ["pim"],
  },
  receive: {
    maxBodyBytes: 4 * 1024 * 1024,
    bodyTimeoutMs: 5 * second,
    maxUnreadablePerDay: 100,
    maxAgeSeconds: 7_200,
    maxAheadSeconds: 300,
    algorithms: ["sha1", "sha256"],
    apiSecretVerifies: false,
    recordTimeoutMs: 8 * second,
    polling: { channel: null, maxAgeSeconds: 7 * 24 * 3_600 },
  },
  deliver: {
    retryDelaysMs: [0, 30 * second, 5 * minute, 30 * minute, 2 * hour, 6 * hour, 12 * hour, 24 * hour],
    jitter: 0.2,
    handlerTimeoutMs: 30 * second,
    leaseMarginMs: 30 * second,
    concurrency: 8,
    maxWorkers: 4,
    maxRetryAfterMs: 24 * hour,
  },
  pim: {
    sources: [
      { kind: "metadata", sku: "sku", role: "image_role", position: "image_position", alt: "alt" },
      { kind: "context", sku: "sku", role: "role", position: "position", alt: "alt" },
      { kind: "tag", prefix: "sku:" },
      {
        kind: "public-id",
        pattern:
          "^products/(?<sku>[^/]+)/(?:(?<role>main|gallery|swatch|thumbnail)(?:-(?<position>[0-9]{1,4}))?$)?",
      },
      { kind: "folder", pattern: "^products/(?<sku>[^/]+)(?:/|$)", mode: "dynamic" },
      {
        kind: "display-name",
        pattern: "^(?<role>main|gallery|swatch|thumbnail)(?:-(?<position>[0-9]{1,4}))?$",
        within: ["products"],
      },
    ],
    upperCase: false,
    severalSkus: "all",
    skuLists: "flag",
    uniqueSuffixes: true,
    gate: null,
    convertOriginals: null,
    renditions: {},
    original: "original",
    connectors: [],
    akeneo: { resources: ["product", "product-model"], attributes: [], createMissing: false },
    untrusted: [],
    trustedKinds: ["manual"],
    approvalReadsPerHour: 50,
    showPending: false,
    warnDeletionsPerHour: 25,
  },
  faces: {
    // Faces are biometric data. Name your legal basis here, such as "explicit consent, register no. 12"; until then the handler is off.
    legalBasis: null,
    training: { folders: ["training"], tag: "face-training" },
    recognition: { folders: ["assets"] },
    labelPrefix: "faceLabel:",
    idPrefix: "faceId:",
    personPrefix: "person:",
    minSimilarity: 90,
    minFaceWidth: 40,
    minSharpness: 40,
    maxFaces: 15,
    inMails: false,
  },
  email: {
    provider: "sendgrid",
    rules: [],
    region: "global",
    withJson: false,
    timeZone: "UTC",
    waiting: { send: "each", remindAfterMs: 24 * hour, dailyHour: 8 },
    assetUrl: "https://cloudinary.com/console/media_library/asset/{resource_type}/{type}/{public_id}",
    fromPreviews: false,
    timeoutMs: 10 * second,
    digest: { most: 20, withinMs: minute, largest: 500 },
    maxPerDay: 500,
  },
  chat: {
    rules: [],
    timeoutMs: 10 * second,
    digest: { most: 20, withinMs: minute, largest: 500 },
  },
  // Nothing is forwarded while there are no targets. "forward" in `routes` says which types they get.
  forward: { targets: [], timeoutMs: 10 * second, circuit: { failures: 20, openMs: minute } },
  approveByLink: { on: false, validMs: 72 * hour },
  retention: { days: 30, openDays: 180 },
  moderation: {
    dryRun: false,
    maxDeletionsPerHour: 25,
    deleteAfterMs: 0,
    confirm: ["delete", "publish"],
    several: "one-rejection-decides",
    rules: [
      {
        when: { kind: "google_video_moderation", resourceType: "video", type: "upload" },
        approved: { do: "publish", by: "access-control" },
        rejected: { do: "delete" },
        pending: { do: "nothing" },
        aborted: { do: "nothing" },
      },
      {
        when: { kind: "google_video_moderation", resourceType: "video" },
        approved: { do: "publish", by: "rename", overwrite: false },
        rejected: { do: "delete" },
        pending: { do: "nothing" },
        aborted: { do: "nothing" },
      },
      {
        when: { kind: "manual", afterBackgroundRemoval: true },
        approved: { do: "publish", by: "rename", folder: "bg-removed", overwrite: false },
        rejected: { do: "hold" },
        pending: { do: "nothing" },
        aborted: { do: "nothing" },
      },
      {
        approved: { do: "publish", by: "access-control" },
        rejected: { do: "hold" },
        pending: { do: "nothing" },
        aborted: { do: "nothing" },
      },
    ],
    reviewAfterBackgroundRemoval: ["authenticated", "private"],
    ownHosts: [],
    reconcile: {
      queues: [
        { kind: "google_video_moderation", resourceType: "video" },
        { kind: "manual", resourceType: "image" },
      ],
      uploads: true,
      minAgeMs: 30 * minute,
      keepShare: 0.5,
    },
  },
  alerts: {
    intervalMs: hour,
    overdueMs: 10 * minute,
    backlog: { most: 100, waitingMs: 4 * hour },
    deletionsShare: 0.8,
    secretDays: 14,
  },
  health: {
    dead: { degraded: null, down: null },
    held: { degraded: null, down: null },
    overdueMs: { degraded: null, down: 30 * minute },
  },
  console: { sessionMs: 12 * hour, quietMs: 24 * hour },
  databaseSleeps: null,
  previewDatabaseVariable: null,
} satisfies Settings & HandlerSettings;
