import type { CloudinaryNotification } from "./lib/notifications/notification.ts";

/** What each setting in `src/settings.ts` means. */
export interface Settings {
  /** Which handlers get a notification, by type. Types without an entry are recorded and shown in the console, nothing more. */
  routes: Readonly<Record<string, readonly string[]>>;
  receive: {
    /** Larger bodies get 413. Netlify passes binary bodies up to about 4.5 MB. */
    maxBodyBytes: number;
    /** A body that is not complete by then gets 408. */
    bodyTimeoutMs: number;
    /**
     * Signed bodies that are not JSON objects: how many are stored whole within 24 hours. Of further ones, the first kilobyte, the
     * SHA-256 and the length are stored, and they count as rejected requests, so that anyone who can sign cannot fill the database.
     */
    maxUnreadablePerDay: number;
    /** The oldest signature timestamp that is accepted. Cloudinary's own verifier allows two hours. */
    maxAgeSeconds: number;
    /** How far ahead of our clock a signature timestamp may be. */
    maxAheadSeconds: number;
    /** The hash algorithms of accepted signatures. */
    algorithms: readonly ("sha1" | "sha256")[];
    /**
     * Whether the API secret of CLOUDINARY_URL verifies beside CLOUDINARY_WEBHOOK_SECRETS, such as while Cloudinary changes over
     * to a key of its own for webhooks. Where CLOUDINARY_WEBHOOK_SECRETS is not set, it always does. See docs/security.md.
     */
    apiSecretVerifies: boolean;
    /** If recording takes longer, the answer is 503 and Cloudinary retries. Cloudinary waits about 20 s for an answer. */
    recordTimeoutMs: number;
    /** Polling: the sweep fetches notifications that Cloudinary keeps in a channel. See docs/going-live.md. */
    polling: {
      /** The channel of a trigger `poll://<channel>`, which `webhooks setup` creates; null: off. */
      channel: string | null;
      /** Like `maxAgeSeconds`, but for polled notifications, which may have waited. */
      maxAgeSeconds: number;
    };
  };
  deliver: {
    /** The delay before each attempt; after the last attempt the delivery is dead. */
    retryDelaysMs: readonly number[];
    /** The random share by which each delay is shortened or lengthened. */
    jitter: number;
    /** How long a handler may run. */
    handlerTimeoutMs: number;
    /** A lease lasts this much longer than `handlerTimeoutMs`. */
    leaseMarginMs: number;
    /** How many deliveries one worker handles at a time. */
    concurrency: number;
    /** A worker stops at once if this many others are already running. */
    maxWorkers: number;
    /** The longest `Retry-After` that is respected; longer ones are cut to this. */
    maxRetryAfterMs: number;
  };
  pim: PimSettings;
  faces: FacesSettings;
  email: EmailSettings;
  chat: ChatSettings;
  forward: ForwardSettings;
  /**
   * Links in e-mails and chats by which their recipients approve or reject a picture, without a token. Anyone who has such a link can decide
   * once (docs/security.md). They also need APPROVE_LINK_SECRET; another secret revokes all of them.
   */
  approveByLink: {
    on: boolean;
    /** How long a link works, from when the notification was received. */
    validMs: number;
  };
  retention: {
    /** Notifications whose deliveries are all done or skipped are deleted after this many days. */
    days: number;
    /**
     * Notifications with a dead or held delivery that no operator resolved are deleted this many days after it ended, so that personal
     * data is not kept without limit. Health warns about them until then. null: never deleted.
     */
    openDays: number | null;
  };
  moderation: {
    /** Records what would be done, and does nothing. */
    dryRun: boolean;
    /** Further deletions are put on hold for an operator. */
    maxDeletionsPerHour: number;
    /** The grace period between a rejection and the deletion, in which it can be taken back. */
    deleteAfterMs: number;
    /** Before these actions, the receiver asks Cloudinary whether this version really has this status. */
    confirm: readonly ("delete" | "publish")[];
    /** When moderation kinds disagree: one rejection decides, or the decision is put on hold for an operator. */
    several: "one-rejection-decides" | "hold";
    /** The first rule that matches an asset applies; without a match, nothing is done. */
    rules: readonly ModerationRule[];
    /** Assets of these delivery types are put into manual moderation once their background is removed. */
    reviewAfterBackgroundRemoval: readonly string[];
    /** Hosts other than Cloudinary's own that deliver this cloud's assets (CNAME, private CDN). For moderation, products and the pictures in mails. `campaigns:images.example.com` belongs to one of several clouds only. */
    ownHosts: readonly string[];
    reconcile: {
      /** Moderation queues whose decided assets are compared with what was carried out. */
      queues: readonly { kind: string; resourceType: "image" | "video" | "raw" }[];
      /** Whether to look for uploads that never arrived. */
      uploads: boolean;
      /** Younger uploads are ignored: their notification may still arrive. */
      minAgeMs: number;
      /** The share of the hourly Admin API limit that is left to other users of the API. */
      keepShare: number;
    };
  };
  /** Settings of handlers that have their own (docs/handlers.md), by name: what differs from the defaults in their `handler.ts`. */
  handlers?: Readonly<Record<string, object>>;
  alerts: AlertSettings;
  /**
   * The levels of `GET /api/health`, for monitors: from the first number on `degraded` (200), from the second on `down` (503); null: never.
   * The database always counts: without it the receiver is down.
   */
  health: {
    /** Deliveries that failed permanently. */
    dead: HealthLevels;
    /** Deliveries that are on hold. */
    held: HealthLevels;
    /** How long the oldest due delivery has been overdue, in milliseconds. */
    overdueMs: HealthLevels;
  };
  console: {
    /** After this an operator signs in again. */
    sessionMs: number;
    /** Health warns after this long without an upload notification: the webhook may be misconfigured. null: never. */
    quietMs: number | null;
  };
  /** Whether the database suspends when idle and is billed while awake. null: only Netlify's own (NETLIFY_DB_URL) does. */
  databaseSleeps: boolean | null;
  /** The variable that names a database for deploy previews and branch deploys; null: they reject notifications. */
  previewDatabaseVariable: string | null;
}

export interface HealthLevels {
  degraded: number | null;
  down: number | null;
}

/**
 * When a condition is a warning in Health and in `webhooks doctor`, and an alert to ALERT_RECIPIENTS and ALERT_WEBHOOK_URL. See docs/alerts.md.
 * `console.quietMs` and `pim.warnDeletionsPerHour` apply to both, too.
 */
export interface AlertSettings {
  /** The shortest time between two messages about the same cause. */
  intervalMs: number;
  /** The oldest delivery that is due is overdue for this long. */
  overdueMs: number;
  /** A paused handler has more than `most` queued deliveries, or one that has waited longer than `waitingMs`. */
  backlog: { most: number; waitingMs: number };
  /** Deletions reach this share of `moderation.maxDeletionsPerHour`. */
  deletionsShare: number;
  /** A secret expires within this many days. */
  secretDays: number;
}

/** Where to look for the SKU of an asset; `role`, `position` and `alt` name further keys of the same source. */
export type SkuSource = SkuSourceKind & {
  /** Only for assets in one of these folders, or below; absent: for every asset. */
  within?: readonly string[];
};

type SkuSourceKind =
  /**
   * Structured metadata, by external id; contextual metadata, by key. `pattern` reads each value, as for tags; without it, the value
   * is the SKU.
   */
  | {
      kind: "metadata" | "context";
      sku: string;
      role?: string;
      position?: string;
      alt?: string;
      pattern?: string;
    }
  /**
   * The SKU is the rest of the tag. With `pattern`, a regular expression with the named groups `sku`, and `role`, `position` and `alt`
   * if there are any, an asset has its own role in each of its products: `sku:SOFA-1/main`, `sku:SOFA-2/gallery-3`.
   */
  | { kind: "tag"; prefix: string; pattern?: string }
  /** A regular expression with the named group `sku`, and `role` and `position` if there are any. */
  | { kind: "public-id" | "display-name"; pattern: string }
  /** `mode: "dynamic"`: only in dynamic folder mode, where the asset folder is no part of the public id. */
  | { kind: "folder"; pattern: string; mode?: "dynamic" };

export interface PimSettings {
  /** In order of priority: the first source that has a SKU wins. */
  sources: readonly SkuSource[];
  /** Converts SKUs to upper case, for catalogues that write them so. */
  upperCase: boolean;
  /** When a source names several SKUs: the asset is on all these products, or on none (`sku-conflict`). */
  severalSkus: "all" | "conflict";
  /**
   * A text that looks like a list, such as `AB-1, AB-2`: the asset is listed as unmapped (`flag`), the text is several SKUs (`split`) or
   * one SKU with these characters (`keep`).
   */
  skuLists: "flag" | "split" | "keep";
  /** Whether the random suffix that Cloudinary adds to names is ignored where a pattern finds no role: `main_kj3h2k` is `main`. */
  uniqueSuffixes: boolean;
  /** An asset is on a product only while this metadata field or context key has one of the values; null: always. */
  gate: { kind: "metadata" | "context"; key: string; values: readonly string[] } | null;
  /**
   * The format in which products show originals that browsers cannot (HEIC, TIFF, PSD, AI), such as `jpg`. Cloudinary converts them on
   * delivery; with strict transformations, the account must allow it. null: they keep their URL.
   */
  convertOriginals: string | null;
  /** Rendition names by transformation. A transformation without an entry is its own name. */
  renditions: Readonly<Record<string, string>>;
  /** The rendition name of the uploaded file itself, for the delivery type `upload`; null: products show derived pictures only. */
  original: string | null;
  /** Handlers that push changed products to other systems: `pim:webhook`, `pim:akeneo`. */
  connectors: readonly string[];
  /** For the connector `pim:akeneo`. */
  akeneo: AkeneoSettings;
  /**
   * Folders that visitors upload to, by asset folder or public id. As with what is received on /webhooks/public, the assets in them
   * claim no product until moderation or an operator approves their newest version.
   */
  untrusted: readonly string[];
  /**
   * Kinds of moderation whose approval puts a visitor's upload on a product, unless another kind has not approved it, and once Cloudinary
   * has confirmed it. An automatic kind checks one thing: `duplicate` approves every picture that is new. `manual` is a person's decision.
   */
  trustedKinds: readonly string[];
  /** Admin API calls in an hour to confirm such approvals at once. When they are used up, the sweep confirms up to 100 in one call. */
  approvalReadsPerHour: number;
  /** Whether products show versions that wait for moderation (`pending`, `queued`). */
  showPending: boolean;
  /** Health warns when notifications removed more pictures than this from products within an hour. */
  warnDeletionsPerHour: number;
}

export interface AkeneoSettings {
  /** What a SKU can name in Akeneo, in this order. */
  resources: readonly AkeneoResource[];
  /** The attributes that picture URLs are written to. Akeneo limits a text attribute to 255 characters, a text area is longer. */
  attributes: readonly AkeneoAttribute[];
  /** Whether a SKU that Akeneo does not have becomes a new product there. false: its assets are listed as unmapped. */
  createMissing: boolean;
}

/** A product by its identifier or by its UUID; a product model by its code. */
export type AkeneoResource = "product" | "product-uuid" | "product-model";

/** An attribute's value, and the picture or file whose URL belongs in it. */
export interface AkeneoAttribute {
  /** The attribute's code: a text, or a text area. */
  attribute: string;
  /** For an attribute with a value per locale, or per channel (scope): which one. */
  locale?: string | null;
  scope?: string | null;
  /** A file of this kind instead of a picture. */
  file?: "audio" | "pdf" | "3d" | "design" | "raw";
  /** Only with this role; absent: with any. */
  role?: string;
  /** Only this rendition; absent: each asset's first one. */
  rendition?: string;
  /** 1 (default): the first of these assets in display order; 2: the second, and so on. */
  nth?: number;
  /** Only for products, or only for product models; absent: for both. */
  on?: "product" | "product-model";
}

/** For the handler `faces` (docs/faces.md). */
export interface FacesSettings {
  /**
   * The legal basis on which your team processes biometric data, in your own words: faces identify people, so many laws forbid this
   * without one, such as the explicit consent of everyone in the training pictures (GDPR article 9, BIPA). null: the handler is off,
   * whatever else is set. Only with the Rekognition emulator of `npm start` it runs without.
   */
  legalBasis: string | null;
  /**
   * Training pictures: images in these folders, or below, by asset folder (in fixed folder mode by public id), and images with this
   * tag (null: none). Each shows one person, whom a tag names: `labelPrefix` and the name.
   */
  training: { folders: readonly string[]; tag: string | null };
  /** Where people are looked for: images in these folders, or below. `""`: in all other images. */
  recognition: { folders: readonly string[] };
  /** `faceLabel:Ada Lovelace` names the person in a training picture. */
  labelPrefix: string;
  /** `faceId:<id>` is added to a training picture once its face is indexed. */
  idPrefix: string;
  /** `person:Ada Lovelace` is added to a picture in which she is recognised. */
  personPrefix: string;
  /** How similar a face must be to the person's training pictures, in percent. Lower finds more, and confuses more people. */
  minSimilarity: number;
  /** Smaller faces are not looked up, in pixels. */
  minFaceWidth: number;
  /** Less sharp faces are not looked up (Rekognition's `Sharpness`, 0 to 100). */
  minSharpness: number;
  /** How many faces of a picture are looked up, the largest first. Each is one call. */
  maxFaces: number;
  /**
   * Whether e-mails about a picture name the people who were recognised in it. The names then leave for SendGrid and the mailboxes of the
   * recipients, where `webhooks faces forget` cannot remove them. The mail waits for the recognition, up to five minutes.
   */
  inMails: boolean;
}

/** Which notifications a rule applies to, and how their e-mails differ. */
export interface EmailRule {
  /** Empty or absent: every type that is routed to e-mail. */
  types?: readonly string[];
  /** Assets in this folder or below it, by asset folder or public id. */
  folder?: string;
  /** false: no e-mail is sent. */
  send?: boolean;
  /** Instead of TO_RECIPIENTS. */
  to?: readonly string[];
  /** Instead of FROM_VERIFIED_SENDER; must be verified at the provider. */
  from?: string;
  /** May hold `{headline}`, `{public_id}`, `{folder}` and `{type}`. */
  subject?: string;
}

export interface EmailSettings {
  /**
   * Who sends e-mails: `sendgrid` with SENDGRID_API_KEY, or `resend` with RESEND_API_KEY. The other's variables are then not used.
   */
  provider: "sendgrid" | "resend";
  /** The first rule that matches a notification applies; fields that it leaves out keep their defaults. */
  rules: readonly EmailRule[];
  /** Only with SendGrid: the region of its API; `eu` needs a subuser with EU data residency. */
  region: "global" | "eu";
  /** Whether the message ends with the notification's JSON. */
  withJson: boolean;
  /** The time zone of times in e-mails, such as `Europe/Berlin`. */
  timeZone: string;
  /** Mails about what waits for a person's decision, beyond those that `routes` send. */
  waiting: {
    /** `each`: once, when it starts to wait; `daily`: one list a day of everything that waits; `off`: none. */
    send: "each" | "daily" | "off";
    /** With `each`: a reminder if it still waits after this long; null: none. */
    remindAfterMs: number | null;
    /** With `daily`: the hour of the day (0 to 23) in `timeZone`. */
    dailyHour: number;
  };
  /**
   * The address of an asset's page in Cloudinary, which people open with their Cloudinary login: {asset_id}, {public_id}, {resource_type},
   * {type}, {cloud}. null: mails have no link to it.
   */
  assetUrl: string | null;
  /**
   * Whether deploy previews and branch deploys send real mail. Otherwise SendGrid only validates it (sandbox mode), and with Resend it goes
   * to an address that Resend has for tests.
   */
  fromPreviews: boolean;
  /** How long to wait for the provider's answer. */
  timeoutMs: number;
  /**
   * After `most` mails to the same recipients within `withinMs`, further notifications are collected until the next full minute and
   * sent as one mail, with up to `largest` notifications.
   */
  digest: { most: number; withinMs: number; largest: number };
  /** Mails a UTC day, to all recipients together; after that each group of recipients gets one digest an hour. null: no limit. */
  maxPerDay: number | null;
}

/** For the handler `chat`, which posts to CHAT_WEBHOOKS. Time zone, links and waiting assets are those of `email`. */
/** Where notifications are sent that a route gives to `forward` (docs/forwarding.md). */
export interface ForwardSettings {
  /** Each target has deliveries of its own, as the handler `forward:<name>`. */
  targets: readonly ForwardTarget[];
  /** How long to wait for the answer of a target. */
  timeoutMs: number;
  /** After `failures` in a row, a worker sends a target nothing for `openMs`, and then one delivery to see whether it works again. */
  circuit: { failures: number; openMs: number };
}

export interface ForwardTarget {
  /** Lower case letters, digits and hyphens. The target of an SQS FIFO queue ends with `.fifo`, as the queue does: its deliveries keep their order by asset. */
  name: string;
  to:
    | { kind: "http"; url: string }
    | { kind: "sqs"; queueUrl: string }
    | { kind: "eventbridge"; bus: string; source: string };
  /** All that are given must match; absent: every notification of the route. */
  when?: {
    types?: readonly string[];
    /** An asset is below one of the folders. */
    folders?: readonly string[];
    /** An asset has one of the tags. */
    tags?: readonly string[];
    /** Your own condition on the parsed notification. */
    matches?: (content: CloudinaryNotification) => boolean;
  };
  /**
   * `received`: the bytes of the body, the default; `regular`: the same fields for every type; `cloudevents`: CloudEvents 1.0, structured JSON.
   */
  body?: "received" | "regular" | "cloudevents";
  /** All workers together send at most this many in a second. Absent: no limit. */
  maxPerSecond?: number;
}

export interface ChatSettings {
  /** The first rule that matches a notification applies. Without one, every channel gets the message. */
  rules: readonly ChatRule[];
  /** How long to wait for the answer of a chat. */
  timeoutMs: number;
  /**
   * After `most` messages to the same channels within `withinMs`, further notifications are collected until the next full minute and
   * posted as one message about up to `largest` notifications.
   */
  digest: { most: number; withinMs: number; largest: number };
}

export interface ChatRule {
  /** Empty or absent: every type that is routed to chat. */
  types?: readonly string[];
  /** Assets in this folder or below it, by asset folder or public id. */
  folder?: string;
  /** false: no message is posted. */
  send?: boolean;
  /** Names in CHAT_WEBHOOKS; absent: all. */
  to?: readonly string[];
}

/** What each moderation status does to the assets that match. Every condition in `when` must hold. */
export interface ModerationRule {
  when?: {
    /** `manual`, `google_video_moderation`, `aws_rek`, ... */
    kind?: string;
    resourceType?: "image" | "video" | "raw";
    /** The delivery type. */
    type?: string;
    /** This folder, or any folder in it. */
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
 * `hold` waits for an operator. When the operator releases it, an approval publishes by access control and a rejection deletes.
 * `notify` sends an e-mail where the route has none.
 */
export type RestfulAction = { do: "nothing" } | { do: "hold" } | { do: "notify" };

export type ModerationAction =
  | RestfulAction
  | { do: "delete" }
  /** Removes `access_control`; for assets of the delivery type `upload`. */
  | { do: "publish"; by: "access-control" }
  /** Changes the delivery type to `upload`, and the public id to `folder/...` if a folder is given. */
  | { do: "publish"; by: "rename"; folder?: string; overwrite: boolean };
