/**
 * What a deploying team edits. Imports nothing: the hook functions read the routes at start-up.
 * Secrets are not here; they come from the environment (see src/config.ts).
 */
export interface Settings {
  /** Which handlers get a notification, by type. Types without an entry are recorded and shown, nothing more. */
  routes: Readonly<Record<string, readonly string[]>>;
  receive: {
    /** Larger bodies get 413. Netlify passes binary bodies up to about 4.5 MB. */
    maxBodyBytes: number;
    /** A body that is not complete by then gets 408. */
    bodyTimeoutMs: number;
    /**
     * Of signed bodies that are no JSON object, so many are kept whole within 24 hours. Further ones are recorded with the first
     * kilobyte, their SHA-256 and their length, and counted among the refusals: whoever can sign may not fill the database.
     */
    maxUnreadablePerDay: number;
    /** Cloudinary's own verifier allows two hours. */
    maxAgeSeconds: number;
    maxAheadSeconds: number;
    algorithms: readonly ("sha1" | "sha256")[];
    /**
     * Whether the API secret of CLOUDINARY_URL verifies beside CLOUDINARY_WEBHOOK_SECRETS, such as while Cloudinary changes over
     * to a key of its own for webhooks. Where CLOUDINARY_WEBHOOK_SECRETS is not set, it always does. See docs/security.md.
     */
    apiSecretVerifies: boolean;
    /** After this the sender gets 503 and tries again; Cloudinary waits about 20 s. */
    recordTimeoutMs: number;
  };
  deliver: {
    /** Delay before attempt n; after the last one the delivery is dead. */
    retryDelaysMs: readonly number[];
    /** Share of the delay by which it is moved at random, both ways. */
    jitter: number;
    handlerTimeoutMs: number;
    /** The lease outlives the handler's deadline by this. */
    leaseMarginMs: number;
    concurrency: number;
    /** A worker that finds this many others at work leaves. */
    maxWorkers: number;
    /** The longest `Retry-After` that is believed. */
    maxRetryAfterMs: number;
  };
  pim: PimSettings;
  email: EmailSettings;
  retention: {
    /** Notifications whose deliveries are all done or skipped are deleted after so many days. */
    days: number;
    /** Those with a dead or held delivery that nobody settled are deleted so many days after it ended; null: never. */
    openDays: number | null;
  };
  moderation: {
    /** Records what would be done and does none of it. */
    dryRun: boolean;
    /** Further deletions wait for a person. */
    maxDeletionsPerHour: number;
    /** How long a rejection stands before it deletes: time for somebody to take it back. */
    deleteAfterMs: number;
    /** For these, Cloudinary is asked right before the call whether this version really has this status. */
    confirm: readonly ("delete" | "publish")[];
    /** When kinds disagree: one rejection decides, or a person does. */
    several: "one-rejection-decides" | "hold";
    /** The first rule that fits an asset counts; none: nothing is done. */
    rules: readonly ModerationRule[];
    /** Assets of these delivery types get a manual moderation once their background was removed. */
    reviewAfterBackgroundRemoval: readonly string[];
    /** Hosts other than Cloudinary's own that deliver this cloud's assets (CNAME, private CDN). For moderation, products and the pictures in mails. */
    ownHosts: readonly string[];
    reconcile: {
      /** Decided assets of these are compared with what was carried out. */
      queues: readonly { kind: string; resourceType: "image" | "video" | "raw" }[];
      /** Whether to look for uploads that never arrived. */
      uploads: boolean;
      /** Younger ones may still be on their way. */
      minAgeMs: number;
      /** The share of the hour's Admin API allowance that is left to others. */
      keepShare: number;
    };
  };
  console: {
    /** After this an operator signs in again. */
    sessionMs: number;
    /** So long without an upload is warned of: a team that uploads daily may have lost its webhook. null: never. */
    quietMs: number | null;
  };
  /** null: only when the database is Netlify's own (NETLIFY_DB_URL), which sleeps and is billed awake. */
  databaseSleeps: boolean | null;
  /** The variable that names a database for deploy previews and branch deploys; null: they refuse notifications. */
  previewDatabaseVariable: string | null;
}

/** Where the SKU of an asset is looked for; `role`, `position` and `alt` name further keys of the same source. */
export type SkuSource = SkuSourceKind & {
  /** Only for assets in one of these folders, or below; absent: for every asset. */
  within?: readonly string[];
};

type SkuSourceKind =
  /** Structured metadata, by external id; contextual metadata, by key. */
  | { kind: "metadata" | "context"; sku: string; role?: string; position?: string; alt?: string }
  /** The SKU is the rest of the tag. */
  | { kind: "tag"; prefix: string }
  /** A regular expression with the named group `sku`, and `role` and `position` if there are any. */
  | { kind: "public-id" | "folder" | "display-name"; pattern: string };

export interface PimSettings {
  /** The first source that says anything wins. */
  sources: readonly SkuSource[];
  /** For products whose SKUs are written in capitals, whatever people type. */
  upperCase: boolean;
  /** Names of renditions by transformation; one without an entry is called by the transformation itself. */
  renditions: Readonly<Record<string, string>>;
  /** The rendition that an upload of type `upload` is itself; null: products show derived pictures only. */
  original: string | null;
  /** Handlers that push a product when it changed, such as `pim:webhook`. */
  connectors: readonly string[];
  /**
   * Folders that visitors upload to, by asset folder or public id. As with what is received on /webhooks/public, the assets in them
   * claim no product until moderation or an operator approves their newest version.
   */
  untrusted: readonly string[];
  /** Whether a version that waits for moderation (`pending`, `queued`) is on its product. */
  showPending: boolean;
  /** Health warns when notifications took more pictures than this from products within an hour. */
  warnDeletionsPerHour: number;
}

/** Which notifications a rule is for, and what it says of their e-mails. */
export interface EmailRule {
  /** Empty or absent: every type that is routed to e-mail. */
  types?: readonly string[];
  /** Assets in this folder or below it, by asset folder or public id. */
  folder?: string;
  /** false: none is sent. */
  send?: boolean;
  /** Instead of TO_RECIPIENTS. */
  to?: readonly string[];
  /** Instead of FROM_VERIFIED_SENDER; must be verified at SendGrid. */
  from?: string;
  /** May hold `{headline}`, `{public_id}`, `{folder}` and `{type}`. */
  subject?: string;
}

export interface EmailSettings {
  /** The first rule that fits a notification holds; what it leaves out is as without rules. */
  rules: readonly EmailRule[];
  /** Where SendGrid's API takes the mail; `eu` needs a subuser with EU data residency. */
  region: "global" | "eu";
  /** The notification's JSON below the message. */
  withJson: boolean;
  /** Deploy previews and branch deploys mail real people; otherwise SendGrid checks their mail and delivers none. */
  fromPreviews: boolean;
  timeoutMs: number;
  /** After `most` mails to the same recipients within `withinMs`, what comes until the next full minute is one mail, of up to `largest` notifications. */
  digest: { most: number; withinMs: number; largest: number };
  /** Mails a UTC day, to all recipients together; after that each group of recipients gets one digest an hour. null: no limit. */
  maxPerDay: number | null;
}

/** What a status means for the assets that fit. Everything in `when` must hold. */
export interface ModerationRule {
  when?: {
    /** `manual`, `google_video_moderation`, `aws_rek`, ... */
    kind?: string;
    resourceType?: "image" | "video" | "raw";
    /** The delivery type. */
    type?: string;
    /** Or a folder above. */
    folder?: string;
    tag?: string;
    afterBackgroundRemoval?: boolean;
  };
  approved: ModerationAction;
  rejected: ModerationAction;
  pending: RestfulAction;
  aborted: RestfulAction;
}

/**
 * `hold` tells a person and does nothing; released, an approval publishes by access control and a rejection deletes.
 * `notify` sends an e-mail where the route has none.
 */
export type RestfulAction = { do: "nothing" } | { do: "hold" } | { do: "notify" };

export type ModerationAction =
  | RestfulAction
  | { do: "delete" }
  /** Lifts `access_control`; for assets of the delivery type `upload`. */
  | { do: "publish"; by: "access-control" }
  /** Gives the delivery type `upload`, and the public id `folder/...` where a folder is named. */
  | { do: "publish"; by: "rename"; folder?: string; overwrite: boolean };

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

export const settings: Settings = {
  routes: {
    upload: ["pim", "moderation"],
    eager: ["email", "pim"],
    moderation: ["email", "pim", "moderation"],
    moderation_summary: ["pim", "moderation"],
    info: ["email", "moderation"],
    delete: ["pim"],
    delete_by_token: ["pim"],
    rename: ["pim"],
    move: ["pim"],
    restore_asset_version: ["pim"],
    access_control_changed: ["pim"],
    resource_tags_changed: ["pim"],
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
    ],
    upperCase: false,
    renditions: {},
    original: "original",
    connectors: [],
    untrusted: [],
    showPending: false,
    warnDeletionsPerHour: 25,
  },
  email: {
    rules: [],
    region: "global",
    withJson: false,
    fromPreviews: false,
    timeoutMs: 10 * second,
    digest: { most: 20, withinMs: minute, largest: 500 },
    maxPerDay: 500,
  },
  // Half a year of warnings in Health is time enough to settle what waits for a person; without an end, personal data would have none.
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
  console: { sessionMs: 12 * hour, quietMs: 24 * hour },
  databaseSleeps: null,
  previewDatabaseVariable: null,
};
