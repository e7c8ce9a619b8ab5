/** An ISO 8601 time as text: Cloudinary sends microseconds, which a `Date` cannot hold. */
export type Instant = string;

/** A value with the time at which it was true; the later one wins. */
export interface Dated<T> {
  value: T;
  at: Instant;
}

/** The value of one field from one source. `element` distinguishes several values; null means "none" or "removed". */
export interface Claim {
  /** `gate`: the field that the setting `gate` names. */
  field: "sku" | "role" | "position" | "alt" | "gate";
  source: string;
  element?: string;
  value: string | null;
  at: Instant;
  /** The text looks like several SKUs, which the settings do not read as such. */
  isList?: boolean;
}

export interface ModerationStatus {
  kind: string;
  version: number;
  status: string;
  at: Instant;
  /** Cloudinary's own answer, and not only a notification. */
  isConfirmed?: boolean;
}

export interface Access {
  restricted: boolean;
  /** The time window in which it is public despite the restriction. */
  from: Instant | null;
  until: Instant | null;
}

/** The facts about one asset in a notification. Absent fields change nothing. */
export interface AssetFacts {
  assetId: string;
  /** When the notification was received. */
  receivedAt: Date;
  /** A visitor uploaded it: it is not assigned to a product until its newest version is approved. */
  untrusted: boolean;
  resourceType?: string;
  publicId?: Dated<string>;
  /** Before a rename. */
  formerPublicId?: string;
  deliveryType?: Dated<string>;
  folder?: Dated<string>;
  displayName?: Dated<string>;
  access?: Dated<Access>;
  accessMode?: Dated<string>;
  /** Of the original. */
  format?: Dated<{ format: string; isAudio: boolean | null }>;
  version?: number;
  claims?: Claim[];
  moderation?: ModerationStatus[];
}

/** A picture of an asset, with the name that the settings give to its transformation. */
export interface Rendition {
  name: string;
  transformation: string | null;
  version: number;
  versionInUrl: boolean;
  eventAt: Instant;
  /** A time at or before which the asset had the public id in the URL. */
  namedAt: Instant;
  publicId: string;
  secureUrl: string;
  parts: UrlParts | null;
  width: number | null;
  height: number | null;
  bytes: number | null;
  format: string | null;
}

/** A delivery URL around its public id. */
export interface UrlParts {
  /** Everything up to and including the resource type, without the slash. */
  prefix: string;
  type: string;
  signature: string | null;
  transformation: string | null;
  /** The format with its dot, or empty. */
  suffix: string;
}

export interface FailedRendition {
  name: string;
  transformation: string | null;
  failure: string;
  failedAt: Instant;
}
